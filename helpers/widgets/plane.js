// A plane with arrows and labels, for vectors with two numbers.
import { short } from "./core.js";
import { widthOf } from "./matrix.js";
import { picture, svg } from "./ui.js";

export const PLANE_SIZE = 300; // viewBox units of a side
const MIDDLE = [PLANE_SIZE / 2, PLANE_SIZE / 2];
const MARGIN = 10;
const LINE = 18; // the height of a label
const FAR = 20; // from its dot, for a label
const SWEEPS = 2; // in the second, the first labels know of the last

// How far a plane must reach to hold these points: 2, 4, 8, ... so that it stays put while they move a little.
export function reach(points) {
  const largest = Math.max(...points.flat().map(Math.abs));
  return largest <= 2 ? 2 : 2 ** Math.ceil(Math.log2(largest));
}

// Where labels go: one box for each dot or arrow head, near it and nearest to it, off the others, the arrows and the other
// labels. tips: [{ at: [x, y], width, radius }] in viewBox units; obstacles: points to keep free. Returns the centres of the boxes.
export function placeLabels(tips, obstacles) {
  const boxes = [];
  const others = tips.map((tip) => tips.filter((other) => other !== tip));
  const room = tips.map(({ at }, i) => Math.min(...others[i].map((other) => apart(at, other.at))));
  const order = tips.map((_, i) => i).sort((i, j) => room[i] - room[j]); // those in a crowd choose first
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const i of order) boxes[i] = bestBox(tips[i], others[i], boxes.filter((_, j) => j !== i), obstacles);
  }
  return boxes.map(({ x, y }) => [x, y]);
}

function bestBox({ at, width, radius }, others, placed, obstacles) {
  const away = [0, 1].map((axis) => [MIDDLE, ...others.map((tip) => tip.at)].reduce((sum, from) => sum + (at[axis] - from[axis]) / Math.max(1, apart(at, from) ** 2), 0));
  const outward = Math.atan2(away[1], away[0]); // from the middle and, the closer they are the more, from the other tips
  let best = null;
  for (let turn = 0; turn < 16; turn++) {
    // 0, 1, -1, 2, -2 ... sixteenths of a turn away from the direction that leads outward
    const angle = outward + ((turn % 2 ? 1 : -1) * Math.ceil(turn / 2) * Math.PI) / 8;
    for (const gap of [5, 14, 26, 42]) {
      const box = boxBeside(at, angle, radius + gap, width);
      const own = awayFrom(box, at);
      const covered = others.filter((tip) => awayFrom(box, tip.at) <= tip.radius + 1).length;
      const nearer = others.filter((tip) => awayFrom(box, tip.at) < own).length;
      const crossed = obstacles.filter((point) => awayFrom(box, point) < 2).length;
      const shared = placed.filter((other) => Math.abs(other.x - box.x) < (other.width + width) / 2 + 7 && Math.abs(other.y - box.y) < LINE).length;
      const cost = Math.ceil(turn / 2) + gap / 5 + 40 * isOutside(box) + 6 * crossed + 60 * covered + 12 * nearer + 60 * shared;
      if (!best || cost < best.cost) best = { cost, box };
    }
  }
  return best.box;
}

// The box whose nearest edge is `gap` away from a point, in one direction.
function boxBeside([x, y], angle, gap, width) {
  const side = (cosine) => Math.max(-1, Math.min(1, 1.5 * cosine)) / 2;
  return { x: x + Math.cos(angle) * gap + side(Math.cos(angle)) * width, y: y + Math.sin(angle) * gap + side(Math.sin(angle)) * (LINE - 4), width };
}

const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const awayFrom = (box, [x, y]) => Math.hypot(Math.max(0, Math.abs(x - box.x) - box.width / 2), Math.max(0, Math.abs(y - box.y) - LINE / 2 + 2));
const isOutside = ({ x, y, width }) =>
  Math.abs(x - PLANE_SIZE / 2) + width / 2 > PLANE_SIZE / 2 || Math.abs(y - PLANE_SIZE / 2) + LINE / 2 > PLANE_SIZE / 2;

// A hairline from a dot to its label, where the label had to go far.
export const leaders = (tips, centres) => tips.flatMap(({ at, width, radius }, i) => {
  const [x, y] = centres[i];
  if (awayFrom({ x, y, width }, at) < radius + FAR) return [];
  const end = [Math.max(x - width / 2, Math.min(x + width / 2, at[0])), Math.max(y - LINE / 2, Math.min(y + LINE / 2, at[1]))];
  return [svg("path", { class: "leader", d: `M${at}L${end}` })];
});

// Coordinates, grid and unit circle; arrows and labels are drawn anew at every change, what else is drawn stays.
export class Plane {
  constructor(label, attributes = {}) {
    this.grid = svg("g", { "aria-hidden": "true" });
    this.shapes = svg("g", { "aria-hidden": "true" });
    this.labels = svg("g", { "aria-hidden": "true" });
    this.handles = svg("g");
    this.element = picture(PLANE_SIZE, PLANE_SIZE, { class: "plane", style: "width: 100%; max-width: 24em", role: "group", "aria-label": label, ...attributes },
      this.grid, this.shapes, this.handles, this.labels);
    this.widths = new Map(); // measuring is slow
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

  // An arrow, from the origin unless told otherwise; `kind` is its role.
  arrow(vector, kind, { from = [0, 0], dashed = false, width = 2.2 } = {}) {
    const [x, y] = this.point(vector);
    const [cx, cy] = this.point(from);
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

  // entries: [{ word, at: vector, kind, radius }]; labels keep out of each other's way and off the arrows.
  write(entries, arrows) {
    const along = [0.95, 0.8, 0.65, 0.5, 0.35, 0.2];
    const obstacles = arrows.flatMap((vector) => along.map((t) => this.point(vector.map((x) => t * x))));
    const tips = entries.map(({ word, at, radius = 0 }) => ({ at: this.point(at), width: this.widthOf(word), radius }));
    const centres = placeLabels(tips, obstacles);
    this.labels.replaceChildren(...leaders(tips, centres), ...entries.map(({ word, kind }, i) =>
      svg("text", { x: centres[i][0], y: centres[i][1], class: `label ${kind}`, "font-size": 15, "font-weight": 650,
        "text-anchor": "middle", "dominant-baseline": "central" }, svg("title", {}, word), short(word))));
  }

  widthOf(word) {
    if (!this.widths.has(word)) this.widths.set(word, widthOf(word));
    return this.widths.get(word);
  }
}
