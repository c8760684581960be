// Many heads at once: their weights as they travel, the mean of several, and a small map of each.
import { cividis } from "./core.js";
import { html } from "./ui.js";
import { cellAfterKey } from "./matrix.js";

const COLOURS = Array.from({ length: 256 }, (_, code) => [...cividis(code / 255), 255]);
export const COARSE = 32; // words; with more, weights are so small that each map gets the whole ramp

// One head's weights, from the float32 numbers of all that heads_view.py sends; they may stand at any byte of a message.
function numbersOf({ shape: [, nHeads, rows, columns], weights }, [layer, head]) {
  const size = 4 * rows * columns;
  const start = (weights.byteOffset ?? 0) + ((layer - 1) * nHeads + head - 1) * size;
  return new Float32Array((weights.buffer ?? weights).slice(start, start + size));
}

export function headRows(maps, head) {
  const [numbers, [, , rows, columns]] = [numbersOf(maps, head), maps.shape];
  return Array.from({ length: rows }, (_, i) => [...numbers.subarray(i * columns, (i + 1) * columns)]);
}

export const meanOf = (maps) => maps[0].map((row, i) => row.map((_, j) => maps.reduce((sum, map) => sum + map[i][j], 0) / maps.length));

// The places of the largest numbers, largest first.
export const largestFirst = (row) => row.map((_, i) => i).sort((a, b) => row[b] - row[a]);

export const sameHead = (a, b) => a[0] === b[0] && a[1] === b[1];

// A small map of each head, a row per layer. `chosen()` tells the head in focus, [layer, head] from 1; `onchoose(head)`
// hears of click and keys, `ontoggle(head)` of click, Enter and Space.
export class HeadGrid {
  constructor([nLayers, nHeads], { chosen, onchoose, ontoggle }) {
    const numbers = (n) => Array.from({ length: n }, (_, i) => i + 1);
    const number = (n) => html("span", { class: "number", "aria-hidden": "true" }, String(n));
    this.cells = numbers(nLayers).map((layer) => numbers(nHeads).map((head) => this.cell([layer, head])));
    this.element = html("div", { class: "head-grid", style: `--heads: ${nHeads}`, role: "grid", "aria-label": "all heads: a row per layer, a column per head" },
      number(""), ...numbers(nHeads).map(number),
      ...this.cells.map((row, i) => html("div", { role: "row", style: "display: contents" }, number(i + 1), ...row.map(({ element }) => element))));
    const use = (head) => {
      onchoose(head);
      this.cellOf(head).element.focus();
    };
    this.element.addEventListener("keydown", (event) => {
      const [i, j] = chosen().map((n) => n - 1);
      const next = cellAfterKey(event.key, event.ctrlKey || event.metaKey, [i, j], [nLayers, nHeads]);
      const activates = event.key === "Enter" || event.key === " ";
      if (!next && !activates) return;
      event.preventDefault();
      event.stopPropagation();
      if (next) use(next.map((n) => n + 1));
      else ontoggle(chosen());
    });
    this.element.addEventListener("click", (event) => {
      const cell = event.target.closest("[data-head]");
      if (!cell) return;
      const head = cell.dataset.head.split(",").map(Number);
      use(head);
      ontoggle(head);
    });
  }

  cell(head) {
    const canvas = html("canvas", { "aria-hidden": "true" });
    return { head, canvas, element: html("div", { role: "gridcell", class: "thumbnail", "data-head": head.join() }, canvas) };
  }

  cellOf([layer, head]) {
    return this.cells[layer - 1][head - 1];
  }

  // on: the heads in the large picture; the maps themselves are painted again only when they are others.
  draw(maps, chosen, on) {
    if (maps !== this.painted) this.paint(maps);
    for (const { head, element } of this.cells.flat()) {
      const [isChosen, isOn] = [sameHead(head, chosen), on.some((one) => sameHead(one, head))];
      element.setAttribute("aria-label", `layer ${head[0]}, head ${head[1]}${isOn ? ", shown" : ""}`);
      element.setAttribute("aria-selected", String(isChosen));
      element.setAttribute("tabindex", isChosen ? "0" : "-1");
      element.toggleAttribute("data-on", isOn);
    }
    this.element.toggleAttribute("data-several", on.length > 1);
  }

  paint(maps) {
    this.painted = maps;
    const [, , rows, columns] = maps.shape;
    this.cells.flat().forEach(({ canvas, head }) => {
      const map = numbersOf(maps, head);
      const highest = rows > COARSE ? map.reduce((a, b) => Math.max(a, b), 1 / 255) : 1;
      Object.assign(canvas, { width: columns, height: rows });
      canvas.style.imageRendering = rows > COARSE ? "auto" : "pixelated"; // else single pixels would drop out
      const context = canvas.getContext("2d");
      const pixels = context.createImageData(columns, rows);
      map.forEach((weight, at) => pixels.data.set(COLOURS[Math.min(255, Math.round((255 * weight) / highest))], 4 * at));
      context.putImageData(pixels, 0, 0);
    });
  }
}
