// A plain recurrent layer unfolded in time: walk along it, and watch the gradient come back through the same weights.
import { dot, equality, exact, fixed, rounded, toRows } from "./core.js";
import { Card } from "./card.js";
import { EM, html, panel, picture, svg } from "./ui.js";
import { gradientNorms, unfold } from "./through_time.js";

const CELL = [46, 25]; // width and height of a number's box, in viewBox units
const COLUMN = 96; // from one step to the next
const STEEPEST = 2; // where the slider ends, unless W_h is larger to begin with
const FLOOR = 1e-8; // below it the chart draws nothing but the floor

const digits = (n) => String(n).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);
const vector = (v) => `(${v.map((x) => fixed(x)).join(", ")})`;
const size = (x) => (x === 0 || x >= 0.01 ? fixed(x) : x.toExponential(0));
const column = (v) => v.map((x) => [x]);

// "W" and a small letter below, inside a picture.
const weight = (letter, x, y) =>
  svg("text", { x, y, class: "heading", "font-size": 15, "font-weight": 650, "text-anchor": "middle" }, "W", svg("tspan", { dy: 4, "font-size": 11 }, letter));

const text = (words, x, y, attributes = {}) => svg("text", { x, y, "font-size": 15, "text-anchor": "middle", ...attributes }, words);

// Rows of numbers in boxes, the upper left corner at (x, y); `kind` is their role.
function boxes(rows, x, y, kind) {
  const [width, height] = CELL;
  return svg("g", { class: `numbers ${kind}` }, ...rows.flatMap((row, i) => row.flatMap((value, j) => [
    svg("rect", { x: x + j * width, y: y + i * height, width, height }),
    svg("text", { x: x + (j + 0.5) * width, y: y + (i + 0.5) * height, "font-size": 14, "text-anchor": "middle", "dominant-baseline": "central" }, fixed(value)),
  ])));
}

// A straight arrow from one point to another.
function arrow([ax, ay], [bx, by], width = 1.6) {
  const length = Math.hypot(bx - ax, by - ay);
  const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
  const head = Math.min(6 + 1.4 * width, length / 2);
  const [cx, cy] = [bx - ux * head, by - uy * head];
  const half = head / 2;
  return svg("g", { class: "flow" }, svg("path", { d: `M${ax} ${ay}L${cx} ${cy}`, "stroke-width": width }),
    svg("polygon", { points: `${bx},${by} ${cx - uy * half},${cy + ux * half} ${cx + uy * half},${cy - ux * half}` }));
}

// The layer drawn once for each step. The numbers of W_x and W_h are drawn once in all: a rail leads to every place of use.
class Unfolded {
  constructor(cells, onselect) {
    const [n_inputs, n_units] = [cells[0].x.length, cells[0].after.length];
    const [width, height] = CELL;
    const left = Math.max(n_inputs, n_units) * width + 44; // where h0 begins
    const top = Math.max(64, n_units * height - 30); // of the states
    const bottom = top + n_units * height;
    Object.assign(this, { left, top, bottom, inputs: bottom + 76, railH: 16, railX: bottom + 42 });
    this.middle = (top + bottom) / 2;
    this.end = this.inputs + n_inputs * height;
    this.drawing = svg("g", { "aria-hidden": "true" });
    this.options = cells.map((_, t) => this.option(t, onselect));
    const total = [this.x(cells.length - 1) + width + 14, Math.max(this.end, this.railX + n_units * height / 2) + 34];
    this.element = picture(...total, { class: "unfolded", style: `width: ${total[0] / EM}em; min-width: ${(0.85 * total[0]) / EM}em` }, this.drawing,
      svg("g", { role: "listbox", "aria-label": "steps", "aria-orientation": "horizontal" }, ...this.options));
    this.element.addEventListener("keydown", (event) => this.walk(event, cells.length, onselect));
  }

  // The left edge of a step's boxes; step -1 is h0.
  x(t) {
    return this.left + (t + 1) * COLUMN;
  }

  option(t, onselect) {
    const room = 8;
    const frame = { x: this.x(t) - room, y: this.top - 30, width: CELL[0] + 2 * room, height: this.end - this.top + 62, rx: 7 };
    const choose = () => {
      onselect(t);
      this.options[t].focus();
    };
    return svg("g", { role: "option", class: "cell", tabindex: -1, onclick: choose }, svg("rect", { ...frame, fill: "transparent" }), svg("rect", { ...frame, class: "ring" }));
  }

  walk(event, count, onselect) {
    const chosen = this.options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const next = { ArrowLeft: chosen - 1, ArrowRight: chosen + 1, ArrowUp: chosen - 1, ArrowDown: chosen + 1, Home: 0, End: count - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const t = Math.min(count - 1, Math.max(0, next));
    onselect(t);
    this.options[t].focus();
  }

  draw({ cells, weights, h0, norms, step, backwards, describe }) {
    const last = cells.length - 1;
    this.drawing.replaceChildren(...this.rails(weights, last, backwards), ...this.states(cells, h0, norms, backwards), ...this.chips(last, backwards));
    this.options.forEach((option, t) => {
      option.setAttribute("aria-label", describe(t));
      option.setAttribute("aria-selected", String(t === step));
      option.setAttribute("tabindex", t === step ? "0" : "-1");
    });
    if (step !== this.shown) this.reveal(step);
    this.shown = step;
  }

  // On a narrow card the picture scrolls: bring the chosen step into sight, and leave the page where it is.
  reveal(step) {
    const scale = this.element.clientWidth / this.element.viewBox.baseVal.width;
    const [from, to] = [this.x(step) - COLUMN, this.x(step) + COLUMN].map((x) => x * scale);
    const scroller = this.element.parentElement;
    if (from < scroller.scrollLeft || to > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = (from + to - scroller.clientWidth) / 2;
  }

  rails({ W_x, W_h }, last, backwards) {
    const [width, height] = CELL;
    const [widthX, widthH] = [W_x[0].length * width, W_h.length * width];
    const topX = Math.max(this.railX - (W_x.length * height) / 2, W_h.length * height + 30);
    const drops = Array.from({ length: last + 1 }, (_, t) => this.gap(t)).slice(Number(backwards)); // the way back ends at h1
    return [
      boxes(W_h, 26, 2, "weight"), weight("h", 11, 2 + (W_h.length * height) / 2 + 5),
      boxes(W_x, 26, topX, "weight"), weight("x", 11, topX + (W_x.length * height) / 2 + 5),
      svg("path", { class: "rail", d: `M${26 + widthH} ${this.railH}H${this.gap(last)}${drops.map((x) => `M${x} ${this.railH}V${this.middle}`).join("")}` }),
      svg("path", { class: "rail", d: `M${26 + widthX} ${this.railX}H${this.x(last) + width / 2}` }),
    ];
  }

  // Where the matrices are used: a chip with the name on every arrow.
  chips(last, backwards) {
    const chip = (letter, x, y) => svg("g", { class: "chip" }, svg("rect", { x: x - 13, y: y - 9, width: 26, height: 18, rx: 3 }),
      svg("text", { x, y: y + 3.5, "font-size": 11.5, "text-anchor": "middle" }, "W", svg("tspan", { dy: 2.5, "font-size": 9 }, letter)));
    return Array.from({ length: last + 1 }, (_, t) => [
      backwards && !t ? null : chip("h", this.gap(t), this.middle), chip("x", this.x(t) + CELL[0] / 2, this.railX),
    ]).flat().filter(Boolean);
  }

  // The middle of the arrow that enters a step.
  gap(t) {
    return this.x(t) - (COLUMN - CELL[0]) / 2;
  }

  // States, inputs and arrows; backwards, arrows are as wide as the share of the gradient that comes back along them.
  states(cells, h0, norms, backwards) {
    const [width] = CELL;
    const largest = Math.max(...norms) || 1;
    const share = (t) => 0.6 + 7 * (norms[t] / largest);
    const label = (words, t, y, kind) => text(words, this.x(t) + width / 2, y, { class: kind, "font-weight": 650 });
    const across = (t) => {
      const ends = [[this.x(t - 1) + width + 1, this.middle], [this.x(t) - 1, this.middle]];
      return backwards ? (t ? arrow(...ends.reverse(), share(t - 1)) : null) : arrow(...ends);
    };
    const up = (t) => {
      const ends = [[this.x(t) + width / 2, this.inputs - 1], [this.x(t) + width / 2, this.bottom + 1]];
      return backwards ? arrow(...ends.reverse(), share(t)) : arrow(...ends);
    };
    return [
      ...(backwards ? [] : [boxes(column(h0), this.x(-1), this.top, "output"), label("h₀", -1, this.top - 10, "output")]),
      ...cells.flatMap(({ x, after }, t) => [
        across(t), up(t), boxes(column(after), this.x(t), this.top, "output"), label(`h${digits(t + 1)}`, t, this.top - 10, "output"),
        boxes(column(x), this.x(t), this.inputs, "input"), label(backwards ? size(norms[t]) : `x${digits(t + 1)}`, t, this.end + 20, "word"),
      ]),
    ].filter(Boolean);
  }
}

// One term of an equation: boxes with a name above each, and signs between them.
function term(...parts) {
  const [width, height] = CELL;
  const tallest = Math.max(...parts.map(({ rows }) => rows?.length ?? 0)) * height;
  let x = 0;
  const drawn = parts.flatMap(({ sign, rows, kind, name, letter }) => {
    const wide = sign ? 9 * sign.length + 16 : rows[0].length * width;
    const centre = x + wide / 2;
    const top = 26 + (tallest - (rows?.length ?? 0) * height) / 2;
    x += wide + (sign ? 0 : 5);
    if (sign) return [text(sign, centre, 26 + tallest / 2, { "dominant-baseline": "central", class: "tick" })];
    return [boxes(rows, x - wide - 5, top, kind), letter ? weight(letter, centre, 17) : text(name, centre, 17, { class: kind === "input" ? "word" : kind, "font-weight": 650 })];
  });
  return picture(x + 4, tallest + 30, { "aria-hidden": "true" }, ...drawn);
}

// Everything that happens inside one cell, in boxes.
function equation({ x, before, fromInput, fromState, sum, after }, { W_x, W_h, b }, t) {
  const [plus, equals] = [{ sign: "+" }, { sign: "=" }];
  return [
    term({ rows: W_x, kind: "weight", letter: "x" }, { rows: column(x), kind: "input", name: `x${digits(t + 1)}` }, equals, { rows: column(fromInput), kind: "weight", name: "" }),
    term({ rows: W_h, kind: "weight", letter: "h" }, { rows: column(before), kind: "output", name: `h${digits(t)}` }, equals, { rows: column(fromState), kind: "weight", name: "" }),
    term({ rows: column(fromInput), kind: "weight", name: "" }, plus, { rows: column(fromState), kind: "weight", name: "" }, plus, { rows: column(b), kind: "weight", name: "b" }, equals,
      { rows: column(sum), kind: "weight", name: "sum" }, { sign: "tanh →" }, { rows: column(after), kind: "output", name: `h${digits(t + 1)}` }),
  ];
}

// The same in words, a line for each unit.
function spellCell({ x, before, sum, after }, { W_x, W_h, b }, t) {
  const product = (row, values) => row.map((w, j) => `(${fixed(w)})(${fixed(values[j])})`).join(" + ");
  const reckoned = (row, values) => dot(row.map(rounded), values.map(rounded));
  return after.flatMap((h, i) => [
    ...(i ? [html("br")] : []), [`h${digits(t + 1)}`, "output"], after.length > 1 ? ` unit ${i + 1} = ` : " = ",
    `tanh( ${product(W_x[i], x)} + ${product(W_h[i], before)} + ${fixed(b[i])} ) ${equality(reckoned(W_x[i], x) + reckoned(W_h[i], before) + rounded(b[i]), sum[i])} tanh( ${fixed(sum[i])} ) ${equality(Math.tanh(rounded(sum[i])), h)} `, html("b", {}, fixed(h)),
  ]);
}

// How much of the gradient is left, in words.
function spellGradient({ cells, norms, straight }, t) {
  const distance = cells.length - 1 - t;
  const slopes = cells.slice(t).map(({ slope }) => vector(slope));
  const back = distance === 1 ? "one step back" : `${distance} steps back`;
  return [`x${digits(t + 1)}, ${back}: the gradient of the last state has size `, html("b", {}, size(norms[t])), `; without the tanh it would be ${size(straight[t])}. `,
    `The slopes of the tanh on the way: ${slopes.join(", ")}.`];
}

// Size against distance, on an axis that counts in powers of ten.
class Decay {
  constructor() {
    this.lines = svg("g");
    this.element = picture(470, 270, { class: "decay", role: "img" }, this.lines);
  }

  draw({ norms, straight, step }) {
    const [left, right, top, bottom] = [62, 345, 12, 222];
    const seen = [...norms, ...straight].filter((x) => x >= FLOOR).map(Math.log10);
    const [low, high] = [Math.floor(Math.min(-2, ...seen)), Math.ceil(Math.max(1, ...seen))];
    const last = norms.length - 1;
    const at = (t) => left + ((right - left) * (last - t)) / Math.max(1, last);
    const height = (x) => bottom - ((bottom - top) * (Math.max(low, Math.log10(Math.max(x, FLOOR))) - low)) / (high - low);
    const every = Math.ceil((high - low) / 5);
    const ticks = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((power) => power % every === 0);
    const ends = [height(norms[0]), height(straight[0])];
    const apart = Math.abs(ends[0] - ends[1]) < 18 ? (18 - Math.abs(ends[0] - ends[1])) / 2 : 0;
    const signs = ends[0] >= ends[1] ? [1, -1] : [-1, 1];
    const curve = (values, kind, name, which) => [
      svg("path", { class: `curve ${kind}`, d: `M${values.map((x, t) => `${at(t)} ${height(x)}`).join("L")}` }),
      ...values.map((x, t) => (kind === "solid" ? svg("circle", { class: "mark", cx: at(t), cy: height(x), r: t === step ? 7 : 4.5 }) : svg("rect", { class: "mark hollow", x: at(t) - 4, y: height(x) - 4, width: 8, height: 8 }))),
      text(name, right + 13, ends[which] + signs[which] * apart, { "text-anchor": "start", "dominant-baseline": "central", "font-weight": 650, class: kind === "solid" ? "word" : "tick" }),
    ];
    this.lines.replaceChildren(
      ...ticks.flatMap((power) => [svg("path", { class: "gridline", d: `M${left} ${height(10 ** power)}H${right}` }),
        text(Math.abs(power) <= 3 ? String(Number((10 ** power).toPrecision(1))) : `1e${power}`, left - 10, height(10 ** power), { class: "tick", "font-size": 13, "text-anchor": "end", "dominant-baseline": "central" })]),
      ...norms.map((_, t) => text(String(last - t), at(t), bottom + 20, { class: "tick", "font-size": 13 })),
      text("steps back from the last state", (left + right) / 2, bottom + 42, { class: "tick", "font-size": 14 }),
      ...curve(straight, "dashed", "without tanh", 1), ...curve(norms, "solid", "the gradient", 0));
    this.element.setAttribute("aria-label", `size of the gradient, from the last step back: ${[...norms].reverse().map(size).join(", ")}`);
  }
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "recurrent-stepper", label: "A recurrent layer, step by step" });
  const read = () => {
    const [x, W_x, b, h0, direction] = ["x", "W_x", "b", "h0", "direction"].map((name) => toRows(card.get(name)));
    const weights = { W_x, W_h: direction.map((row) => row.map((w) => w * card.get("largest"))), b };
    const cells = unfold(x, h0, weights);
    return { cells, weights, h0, norms: gradientNorms(cells, weights), straight: gradientNorms(cells, weights, false), step: card.get("step"), backwards: card.get("view") === "gradient" };
  };
  const first = read();
  const last = first.cells.length - 1;
  const select = (t) => card.set("step", Math.min(last, Math.max(0, t)));

  card.choice("view", "show", [["forward", "the way forward"], ["gradient", "the gradient"]]);
  const back = html("button", { type: "button", onclick: () => select(card.get("step") - 1) }, "← back");
  const on = html("button", { type: "button", onclick: () => select(card.get("step") + 1) }, "on →");
  card.left.append(html("span", { class: "steps" }, back, on));
  card.slider("largest", { label: html("span", {}, "largest singular value of W", html("sub", {}, "h")), min: 0, max: Math.max(STEEPEST, card.get("start")), step: 0.05, digits: 2 });

  const unfolded = new Unfolded(first.cells, select);
  const decay = new Decay();
  const inside = html("div", { class: "equation" });
  const reading = html("span");
  const insidePanel = panel(["inside this cell"], ["two products, their sum, one tanh"], inside);
  const decayPanel = panel(["how far back the last state can feel"], ["each step back multiplies by W", html("sub", {}, "h"), " and by the slopes of the tanh"], decay.element);
  const task = html("span");
  const done = html("p", { class: "done" });
  const turn = html("div", { class: "panel turn" }, html("p", { class: "heading" }, "Your turn"), task, done);
  const unfoldedPanel = panel(["the layer, unfolded in time"], [reading], html("div", { class: "scroller" }, unfolded.element));
  unfoldedPanel.classList.add("whole");
  card.picture.append(unfoldedPanel, insidePanel, decayPanel, turn);

  let run;
  card.standardButtons(() => ({
    caption: "each step: its input, the two products, their sum with b, the state, the slope of its tanh, and the gradient of the last state",
    columns: ["step", "input", "from the input", "from the state", "sum", "state", "slope", "gradient"],
    rows: run.cells.map((cell, t) => [String(t + 1), ...["x", "fromInput", "fromState", "sum", "after", "slope"].map((name) => vector(cell[name])), size(run.norms[t])]),
  }));
  card.button("reset", () => ["largest", "step"].forEach((name) => card.set(name, name === "step" ? 0 : card.get("start"))));

  const describe = (t) => (run.backwards ? `step ${t + 1}, ${last - t} back: gradient ${size(run.norms[t])}` : `step ${t + 1}: input ${vector(run.cells[t].x)}, state ${vector(run.cells[t].after)}`);

  return card.start(() => {
    run = read();
    const { cells, weights, norms, step, backwards } = run;
    back.disabled = step === 0;
    on.disabled = step === last;
    unfolded.draw({ ...run, describe });
    reading.replaceChildren(...(backwards
      ? ["the arrows run back; the wider, the more gets through. Below each input: the size of its gradient"]
      : ["one W", html("sub", {}, "x"), ", one W", html("sub", {}, "h"), ": each rail leads from the same numbers to every step. Click a step, or walk with ← and →"]));
    insidePanel.hidden = backwards;
    decayPanel.hidden = !backwards;
    if (backwards) decay.draw(run);
    else inside.replaceChildren(...equation(cells[step], weights, step));
    task.replaceChildren(...(backwards
      ? ["Slide until the first input counts as much as the last one. Is a largest singular value of 1 enough? Say why."]
      : ["Walk from the first step to the last. Which numbers change, and which never do?"]));
    done.textContent = backwards && norms[0] >= norms[last] ? `✓ Done, at ${exact(card.get("largest"), 2)}: what the slopes take away, W has to give back.` : "";
    card.spell(backwards
      ? [...spellGradient(run, step), html("br"), "W", html("sub", {}, "h"), `: largest singular value ${fixed(card.get("largest"))}, spectral radius ${fixed(card.get("largest") * card.get("radius"))}.`]
      : spellCell(cells[step], weights, step));
    card.announce(describe(step));
  });
}

export default { render };
