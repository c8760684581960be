// A plane with arrows and labels, for vectors with two numbers.
import { short } from "./core.js";
import { picture, svg } from "./ui.js";

export const PLANE_SIZE = 300; // viewBox units of a side
const MARGIN = 10;
const LETTER = 8.4; // the mean width of a letter of a label, in viewBox units
const LINE = 18;

// How far a plane must reach to hold these points: 2, 4, 8, ... so that it stays put while they move a little.
export function reach(points) {
  const largest = Math.max(...points.flat().map(Math.abs));
  return largest <= 2 ? 2 : 2 ** Math.ceil(Math.log2(largest));
}

// Where labels go: one box for each tip, near it, off the other tips, the arrows and the labels placed before.
// tips: [{ at: [x, y], from: [x, y], width }] in viewBox units; returns the centres of the boxes.
export function placeLabels(tips) {
  const obstacles = tips.flatMap(({ at, from }) =>
    [1, 0.85, 0.7, 0.5, 0.3].map((t) => [from[0] + t * (at[0] - from[0]), from[1] + t * (at[1] - from[1])]));
  const placed = [];
  for (const { at, from, width } of tips) {
    const outward = Math.atan2(at[1] - from[1], at[0] - from[0]);
    let best = null;
    for (let turn = 0; turn < 16; turn++) {
      for (const gap of [9, 22]) {
        // 0, 1, -1, 2, -2 ... sixteenths of a turn away from the arrow's own direction
        const angle = outward + ((turn % 2 ? 1 : -1) * Math.ceil(turn / 2) * Math.PI) / 8;
        const box = boxBeside(at, angle, gap, width);
        const cost = Math.ceil(turn / 2) + gap / 9 + crowding(box, placed, obstacles);
        if (!best || cost < best.cost) best = { cost, box };
      }
    }
    placed.push(best.box);
  }
  return placed.map(({ x, y }) => [x, y]);
}

// The box whose nearest edge is `gap` away from a point, in one direction.
function boxBeside([x, y], angle, gap, width) {
  return { x: x + Math.cos(angle) * (gap + width / 2), y: y + Math.sin(angle) * (gap + LINE / 2), width };
}

function crowding(box, placed, obstacles) {
  const outside = Math.abs(box.x - PLANE_SIZE / 2) + box.width / 2 > PLANE_SIZE / 2 || Math.abs(box.y - PLANE_SIZE / 2) + LINE / 2 > PLANE_SIZE / 2;
  const hit = obstacles.filter(([x, y]) => Math.abs(x - box.x) < box.width / 2 + 3 && Math.abs(y - box.y) < LINE / 2 + 2).length;
  const shared = placed.filter((other) => Math.abs(other.x - box.x) < (other.width + box.width) / 2 && Math.abs(other.y - box.y) < LINE).length;
  return 40 * outside + 6 * hit + 25 * shared;
}

// Coordinates, grid and unit circle; arrows and labels are drawn anew at every change, what else is drawn stays.
export class Plane {
  constructor(label, attributes = {}) {
    this.grid = svg("g", { "aria-hidden": "true" });
    this.shapes = svg("g", { "aria-hidden": "true" });
    this.labels = svg("g", { "aria-hidden": "true" });
    this.handles = svg("g");
    this.element = picture(PLANE_SIZE, PLANE_SIZE, { class: "plane", role: "group", "aria-label": label, ...attributes },
      this.grid, this.shapes, this.handles, this.labels);
    this.setHalf(2);
  }

  // The plane shows -half ... half in both directions.
  setHalf(half) {
    if (half === this.half) return;
    this.half = half;
    this.unit = (PLANE_SIZE / 2 - MARGIN) / half;
    const step = half / 2;
    const lines = [-2, -1, 0, 1, 2].flatMap((n) => {
      const [at] = this.point([n * step, 0]);
      return [svg("path", { d: `M${at} 0V${PLANE_SIZE}`, class: "gridline" }), svg("path", { d: `M0 ${at}H${PLANE_SIZE}`, class: "gridline" })];
    });
    const [x, y] = this.point([step, 0]);
    this.grid.replaceChildren(...lines, svg("circle", { cx: PLANE_SIZE / 2, cy: PLANE_SIZE / 2, r: this.unit, class: "unit" }),
      svg("text", { x: x + 3, y: y + 13, class: "tick", "font-size": 11 }, String(step)));
  }

  // Vector -> viewBox units, and back from a pointer event.
  point([x, y]) {
    return [PLANE_SIZE / 2 + x * this.unit, PLANE_SIZE / 2 - y * this.unit];
  }

  vectorAt(event) {
    const box = this.element.getBoundingClientRect();
    const scale = PLANE_SIZE / box.width / this.unit;
    return [(event.clientX - box.left - box.width / 2) * scale, -(event.clientY - box.top - box.height / 2) * scale];
  }

  // An arrow from the origin; `kind` is its role.
  arrow(vector, kind, { dashed = false, width = 2.2 } = {}) {
    const [x, y] = this.point(vector);
    const [cx, cy] = this.point([0, 0]);
    const length = Math.hypot(x - cx, y - cy);
    if (length < 1) return svg("circle", { cx, cy, r: 3, class: kind });
    const [ux, uy] = [(x - cx) / length, (y - cy) / length];
    const head = Math.min(5 + 2 * width, length);
    const [bx, by] = [x - ux * head, y - uy * head];
    const half = head * 0.36;
    return svg("g", { class: `arrow ${kind}` },
      svg("path", { d: `M${cx} ${cy}L${bx} ${by}`, "stroke-width": width, ...(dashed ? { "stroke-dasharray": "6 4" } : {}) }),
      svg("polygon", { points: `${x},${y} ${bx - uy * half},${by + ux * half} ${bx + uy * half},${by - ux * half}` }));
  }

  // entries: [{ word, at: vector, kind }]; labels of the same picture keep out of each other's way.
  write(entries) {
    const from = this.point([0, 0]);
    const texts = entries.map(({ word }) => short(word));
    const centres = placeLabels(entries.map(({ at }, i) => ({ at: this.point(at), from, width: LETTER * [...texts[i]].length })));
    this.labels.replaceChildren(...entries.map(({ word, kind }, i) =>
      svg("text", { x: centres[i][0], y: centres[i][1], class: `label ${kind}`, "font-size": 15, "font-weight": 650,
        "text-anchor": "middle", "dominant-baseline": "central" }, svg("title", {}, word), texts[i])));
  }
}
