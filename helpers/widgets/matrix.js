// A matrix one can look at, walk through with the keys and click. Rows are queries, columns are keys.
// While a number fits on a cell, each cell is an element; beyond that they are the pixels of a canvas, drawn in one go.
import { cividis, css, short, textOn } from "./core.js";
import { EM, html, picture, svg, uniqueId } from "./ui.js";

const MOST_NUMBERS = 12; // to a side
const MOST_LABELS = 32; // beyond it only the cell in focus has its words written beside it
const SMALLEST = 0.65; // of the full size: on a narrow card the matrix scrolls instead of shrinking further

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
// `roles` colour the words of the rows and of the columns.
export function heatmap({ rows, columns, label, roles = ["query", "key"], selected, onselect, onactivate }) {
  const Kind = Math.max(rows.length, columns.length) <= MOST_NUMBERS ? SvgMatrix : CanvasMatrix;
  const matrix = new Kind(rows, columns, label, roles);
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
  return { element: html("div", { class: "scroller" }, matrix.element), draw: (look) => matrix.draw({ ...look, selected: selected() }) };
}

const TILT = (50 * Math.PI) / 180; // of the column labels, where the words are wider than the cells

// The drawn width of a label in viewBox units; scripts differ too much to count letters.
export function widthOf(word) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = '650 15px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
  return pen.measureText(short(word)).width;
}

// An attribute is written only when it changes: most cells stay as they are while a slider moves.
function write(node, name, value) {
  const written = (node.written ??= {}); // asking the element itself takes longer
  if (written[name] === value) return;
  written[name] = value;
  if (name === "style") node.style.cssText = value; // as in build() of ui.js
  else node.setAttribute(name, value);
}

const sized = (width) => `width: ${width / EM}em; min-width: ${(SMALLEST * width) / EM}em`;
const label = (x, y, kind, word, attributes) =>
  svg("text", { x, y, class: kind, "font-size": 15, "font-weight": 650, ...attributes }, svg("title", {}, word), short(word));

// The words around cells of the given size, and how much room they take.
function wordsAround(rows, columns, size, roles) {
  const longest = Math.max(...columns.map(widthOf));
  const tilted = longest > size - 4;
  const left = Math.max(...rows.map(widthOf)) + 12;
  const top = tilted ? 22 + longest * Math.sin(TILT) : 26;
  const overhang = tilted ? Math.max(2, widthOf(columns.at(-1)) * Math.cos(TILT) - size / 2 + 12) : 2;
  const above = (word, j) => {
    const x = left + (j + 0.5) * size;
    const turned = { transform: `rotate(${(-180 * TILT) / Math.PI} ${x} ${top - 8})`, "text-anchor": "start" };
    return label(x, top - 8, roles[1], word, tilted ? turned : { "text-anchor": "middle" });
  };
  const beside = (word, i) => label(left - 9, top + (i + 0.5) * size, roles[0], word, { "text-anchor": "end", "dominant-baseline": "central" });
  return { left, top, width: left + columns.length * size + overhang, height: top + rows.length * size + 2,
    words: svg("g", { "aria-hidden": "true" }, ...columns.map(above), ...rows.map(beside)) };
}

// What stands where a cell is masked.
function hatching() {
  const id = uniqueId("hatch");
  const pattern = svg("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 7, height: 7, style: "fill: var(--bar)" }), svg("rect", { width: 1.5, height: 7, style: "fill: var(--hatch)" }));
  return { fill: `url(#${id})`, defs: svg("defs", {}, pattern) };
}

const grid = (rows, columns, label) =>
  ({ role: "grid", class: "matrix", "aria-label": label, "aria-rowcount": rows.length, "aria-colcount": columns.length });
const part = (value, low, high) => (high > low ? (value - low) / (high - low) : 0);

class SvgMatrix {
  constructor(rows, columns, label, roles) {
    this.size = columns.length <= 8 ? 58 : 46;
    const { left, top, width, height, words } = wordsAround(rows, columns, this.size, roles);
    this.hatch = hatching();
    this.cells = rows.map((_, i) => columns.map((_, j) => this.cell(i, j, left, top)));
    this.element = picture(width, height, { ...grid(rows, columns, label), style: sized(width) }, this.hatch.defs, words,
      ...this.cells.map((row) => svg("g", { role: "row" }, ...row.map((cell) => cell.group))));
  }

  cell(i, j, left, top) {
    const box = { x: left + j * this.size + 1, y: top + i * this.size + 1, width: this.size - 2, height: this.size - 2, rx: 4 };
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
      const colour = cividis(part(values[i][j], low(i), high(i)));
      const hatched = barred(i, j);
      write(fill, "style", `fill: ${hatched ? this.hatch.fill : css(colour)}`);
      const shown = hatched ? "" : text(i, j);
      if (shown) write(number, "style", `fill: ${textOn(colour)}`);
      if (number.textContent !== shown) number.textContent = shown;
      write(group, "aria-label", describe(i, j));
      write(group, "aria-selected", String(chosen));
      write(group, "tabindex", chosen ? "0" : "-1");
    }));
  }
}

// The same ramp as everywhere, looked up instead of computed: 16,384 cells are many.
const RAMP = Array.from({ length: 256 }, (_, i) => [...cividis(i / 255), 255]);

class CanvasMatrix {
  constructor(rows, columns, label, roles) {
    const most = Math.max(rows.length, columns.length);
    const step = most <= MOST_LABELS ? Math.max(19, Math.min(24, 440 / most)) : 512 / most; // 23 letters fit a phone
    const around = most <= MOST_LABELS ? wordsAround(rows, columns, step, roles) : this.wordsOfTheFocus(rows, columns, step, roles);
    const { left, top, width, height, words } = around;
    const hatch = hatching();
    const box = (i, j, high, wide) => Object.entries({ left: (left + j * step) / width, top: (top + i * step) / height, width: (wide * step) / width, height: (high * step) / height })
      .map(([name, share]) => `${name}: ${100 * share}%`).join(";");
    const whole = box(0, 0, rows.length, columns.length);
    this.boxOf = (i, j) => box(i, j, 1, 1);
    this.canvas = html("canvas", { width: columns.length, height: rows.length, style: whole, "aria-hidden": "true" });
    this.context = this.canvas.getContext("2d");
    this.pixels = this.context.createImageData(columns.length, rows.length);
    this.cursor = html("div", { role: "gridcell", class: "cursor", tabindex: 0, "aria-selected": "true" });
    this.element = html("div", { ...grid(rows, columns, label), style: sized(width) },
      picture(width, height, { "aria-hidden": "true", style: "width: 100%" }, hatch.defs, words,
        svg("rect", { x: left, y: top, width: columns.length * step, height: rows.length * step, fill: hatch.fill })),
      this.canvas, html("div", { class: "lattice", style: `${whole}; background-size: ${100 / columns.length}% ${100 / rows.length}%`, hidden: most > MOST_LABELS }),
      html("div", { role: "row" }, this.cursor));
  }

  // There is no room for all: two labels that go where the focus is.
  wordsOfTheFocus(rows, columns, step, roles) {
    const [left, top] = [96, 26];
    const row = label(left - 9, 0, roles[0], "", { "text-anchor": "end", "dominant-baseline": "central" });
    const column = label(0, top - 9, roles[1], "", { "text-anchor": "middle" });
    this.moveWords = (i, j) => {
      row.textContent = short(rows[i], 10);
      row.setAttribute("y", top + (i + 0.5) * step);
      column.textContent = short(columns[j], 10);
      column.setAttribute("x", left + (j + 0.5) * step);
    };
    return { left, top, width: left + columns.length * step, height: top + rows.length * step, words: svg("g", {}, row, column) };
  }

  cellAt(event) {
    const box = this.canvas.getBoundingClientRect();
    const i = Math.floor(((event.clientY - box.top) / box.height) * this.canvas.height);
    const j = Math.floor(((event.clientX - box.left) / box.width) * this.canvas.width);
    return i >= 0 && j >= 0 && i < this.canvas.height && j < this.canvas.width ? [i, j] : null;
  }

  focus() {
    this.cursor.focus();
    this.cursor.scrollIntoView({ block: "nearest", inline: "nearest" }); // it has the focus already, wherever it went
  }

  draw({ values, low, high, barred, describe, selected: [i, j] }) {
    const { data } = this.pixels;
    values.forEach((row, a) => {
      const [from, to] = [low(a), high(a)];
      row.forEach((value, b) => {
        const at = 4 * (a * row.length + b);
        if (barred(a, b)) data[at + 3] = 0; // a masked cell is clear: the hatching shines through
        else data.set(RAMP[Math.round(255 * Math.min(1, Math.max(0, part(value, from, to))))], at);
      });
    });
    this.context.putImageData(this.pixels, 0, 0);
    write(this.cursor, "style", this.boxOf(i, j));
    write(this.cursor, "aria-label", describe(i, j));
    write(this.cursor, "aria-rowindex", i + 1);
    write(this.cursor, "aria-colindex", j + 1);
    this.moveWords?.(i, j);
  }
}
