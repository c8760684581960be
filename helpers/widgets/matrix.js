// A matrix one can look at, walk through with the keys and click: SVG up to 32 tokens, canvas above.
// Rows are queries, columns are keys.
import { cividis, css, short, textOn } from "./core.js";
import { html, picture, svg, uniqueId } from "./ui.js";

const SVG_LIMIT = 32;
const CANVAS_SIZE = 512; // viewBox units of the cells' square; labels come on top

// The cell that a key leads to, or null when the key is not ours.
export function cellAfterKey(key, control, [i, j], [rows, columns]) {
  const clamp = (x, size) => Math.min(size - 1, Math.max(0, x));
  const moves = {
    ArrowUp: [i - 1, j], ArrowDown: [i + 1, j], ArrowLeft: [i, j - 1], ArrowRight: [i, j + 1],
    Home: control ? [0, 0] : [i, 0], End: control ? [rows - 1, columns - 1] : [i, columns - 1],
    PageUp: [0, j], PageDown: [rows - 1, j],
  };
  return moves[key] ? [clamp(moves[key][0], rows), clamp(moves[key][1], columns)] : null;
}

// `selected()` tells the cell in focus; `onselect(i, j)` hears of pointer and keys, `onactivate(i, j)` of click, Enter, Space.
// draw({ values, low, high, text, barred, describe }): values between low and high are coloured, text(i, j) stands on a
// cell, barred(i, j) cells are hatched, describe(i, j) is what a screen reader says.
export function heatmap({ rows, columns, label, selected, onselect, onactivate }) {
  const Kind = rows.length <= SVG_LIMIT && columns.length <= SVG_LIMIT ? SvgMatrix : CanvasMatrix;
  const matrix = new Kind(rows, columns, label);
  matrix.element.addEventListener("keydown", (event) => {
    const next = cellAfterKey(event.key, event.ctrlKey || event.metaKey, selected(), [rows.length, columns.length]);
    const activates = event.key === "Enter" || event.key === " ";
    if (!next && !activates) return;
    event.preventDefault();
    event.stopPropagation();
    if (activates) return onactivate?.(...selected());
    onselect(...next);
    matrix.focus(...next);
  });
  const under = (run) => (event) => {
    const cell = matrix.cellAt(event);
    if (cell) run(cell);
  };
  matrix.element.addEventListener("pointermove", under(([i, j]) => {
    const [a, b] = selected();
    if (a !== i || b !== j) onselect(i, j);
  }));
  matrix.element.addEventListener("click", under(([i, j]) => {
    onselect(i, j);
    matrix.focus(i, j);
    onactivate?.(i, j);
  }));
  return { element: matrix.element, draw: (look) => matrix.draw({ ...look, selected: selected() }) };
}

const TILT = (50 * Math.PI) / 180; // of the column labels, where the words are wider than the cells

// The drawn width of a label in viewBox units; scripts differ too much to count letters.
export function widthOf(word) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = '650 15px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
  return pen.measureText(short(word)).width;
}

const shade = (value, low, high) => cividis(high > low ? (value - low) / (high - low) : 0);

// An attribute is written only when it changes: most cells stay as they are while a slider moves.
function write(node, name, value) {
  const written = (node.written ??= {}); // asking the element itself takes longer
  if (written[name] === value) return;
  written[name] = value;
  node.setAttribute(name, value);
}

class SvgMatrix {
  constructor(rows, columns, label) {
    this.size = columns.length <= 8 ? 58 : columns.length <= 12 ? 46 : 24;
    const longest = Math.max(...columns.map(widthOf));
    this.tilted = longest > this.size - 4;
    this.left = Math.max(...rows.map(widthOf)) + 12;
    this.top = this.tilted ? 22 + longest * Math.sin(TILT) : 26;
    const overhang = this.tilted ? Math.max(2, widthOf(columns.at(-1)) * Math.cos(TILT) - this.size / 2 + 12) : 2;
    const width = this.left + columns.length * this.size;
    const hatch = uniqueId("hatch");
    this.fillBarred = `url(#${hatch})`;
    this.cells = rows.map((_, i) => columns.map((_, j) => this.cell(i, j)));
    this.element = picture(width + overhang, this.top + rows.length * this.size + 2,
      { role: "grid", "aria-label": label, "aria-rowcount": rows.length, "aria-colcount": columns.length, class: "matrix" },
      svg("defs", {}, svg("pattern", { id: hatch, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        svg("rect", { width: 7, height: 7, style: "fill: var(--bar)" }), svg("rect", { width: 1.5, height: 7, style: "fill: var(--hatch)" }))),
      svg("g", { "aria-hidden": "true" }, ...columns.map((word, j) => this.columnLabel(word, j)), ...rows.map((word, i) => this.rowLabel(word, i))),
      ...this.cells.map((row) => svg("g", { role: "row" }, ...row.map((cell) => cell.group))));
  }

  columnLabel(word, j) {
    const x = this.left + (j + 0.5) * this.size;
    const tilt = this.tilted ? { transform: `rotate(${(-180 * TILT) / Math.PI} ${x} ${this.top - 8})`, "text-anchor": "start" } : { "text-anchor": "middle" };
    return svg("text", { x, y: this.top - 8, class: "key", "font-size": 15, "font-weight": 650, ...tilt }, svg("title", {}, word), short(word));
  }

  rowLabel(word, i) {
    return svg("text", { x: this.left - 9, y: this.top + (i + 0.5) * this.size, class: "query", "font-size": 15, "font-weight": 650,
      "text-anchor": "end", "dominant-baseline": "central" }, svg("title", {}, word), short(word));
  }

  cell(i, j) {
    const box = { x: this.left + j * this.size + 1, y: this.top + i * this.size + 1, width: this.size - 2, height: this.size - 2, rx: this.size > 30 ? 4 : 2 };
    const fill = svg("rect", box);
    const number = svg("text", { x: box.x + box.width / 2, y: box.y + box.height / 2, "font-size": 15, "text-anchor": "middle",
      "dominant-baseline": "central", "pointer-events": "none" });
    const group = svg("g", { role: "gridcell", class: "cell", "data-cell": `${i},${j}`, tabindex: -1 }, fill, number, svg("rect", { ...box, class: "ring" }));
    return { group, fill, number };
  }

  cellAt(event) {
    const group = event.target.closest?.(".cell");
    return group ? group.dataset.cell.split(",").map(Number) : null;
  }

  focus(i, j) {
    this.cells[i][j].group.focus();
  }

  draw({ values, low, high, text, barred, describe, selected }) {
    this.cells.forEach((row, i) => row.forEach(({ group, fill, number }, j) => {
      const chosen = i === selected[0] && j === selected[1];
      const colour = shade(values[i][j], low(i), high(i));
      const hatched = barred(i, j);
      write(fill, "style", `fill: ${hatched ? this.fillBarred : css(colour)}`);
      const shown = this.size > 40 && !hatched ? text(i, j) : "";
      if (shown) write(number, "style", `fill: ${textOn(colour)}`);
      if (number.textContent !== shown) number.textContent = shown;
      write(group, "aria-label", describe(i, j));
      write(group, "aria-selected", String(chosen));
      write(group, "tabindex", chosen ? "0" : "-1");
    }));
  }
}

class CanvasMatrix {
  constructor(rows, columns, label) {
    Object.assign(this, { rows, columns, left: 96, top: 26 });
    this.step = CANVAS_SIZE / Math.max(rows.length, columns.length);
    const width = this.left + columns.length * this.step;
    const height = this.top + rows.length * this.step;
    this.canvas = html("canvas", { width: columns.length, height: rows.length, "aria-hidden": "true" });
    this.cursor = html("div", { role: "gridcell", class: "cursor", tabindex: 0, "aria-selected": "true" });
    this.rowLabel = svg("text", { x: this.left - 9, class: "query", "font-size": 15, "font-weight": 650, "text-anchor": "end", "dominant-baseline": "central" });
    this.columnLabel = svg("text", { y: this.top - 9, class: "key", "font-size": 15, "font-weight": 650, "text-anchor": "middle" });
    const percent = (x, whole) => `${(100 * x) / whole}%`;
    this.canvas.style.cssText = `position: absolute; left: ${percent(this.left, width)}; top: ${percent(this.top, height)};
      width: ${percent(width - this.left, width)}; height: ${percent(height - this.top, height)}`;
    this.at = (i, j) => `left: ${percent(this.left + j * this.step, width)}; top: ${percent(this.top + i * this.step, height)};
      width: ${percent(this.step, width)}; height: ${percent(this.step, height)}`;
    this.element = html("div", { class: "matrix", role: "grid", "aria-label": label, "aria-rowcount": rows.length, "aria-colcount": columns.length },
      picture(width, height, { "aria-hidden": "true" }, this.rowLabel, this.columnLabel), this.canvas, html("div", { role: "row" }, this.cursor));
  }

  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const i = Math.floor(((event.clientY - box.top) / box.height) * this.rows.length);
    const j = Math.floor(((event.clientX - box.left) / box.width) * this.columns.length);
    return i >= 0 && j >= 0 && i < this.rows.length && j < this.columns.length ? [i, j] : null;
  }

  focus() {
    this.cursor.focus();
  }

  draw({ values, low, high, barred, describe, selected: [i, j] }) {
    const context = this.canvas.getContext("2d");
    const pixels = context.createImageData(this.columns.length, this.rows.length);
    values.forEach((row, a) => row.forEach((value, b) => {
      if (barred(a, b)) return; // a masked cell stays clear: the hatching shines through
      pixels.data.set([...shade(value, low(a), high(a)), 255], 4 * (a * this.columns.length + b));
    }));
    context.putImageData(pixels, 0, 0);
    this.cursor.style.cssText = this.at(i, j);
    this.cursor.setAttribute("aria-label", describe(i, j));
    this.cursor.setAttribute("aria-rowindex", i + 1);
    this.cursor.setAttribute("aria-colindex", j + 1);
    this.rowLabel.textContent = short(this.rows[i], 10);
    this.rowLabel.setAttribute("y", this.top + (i + 0.5) * this.step);
    this.columnLabel.textContent = short(this.columns[j], 10);
    this.columnLabel.setAttribute("x", this.left + (j + 0.5) * this.step);
  }
}
