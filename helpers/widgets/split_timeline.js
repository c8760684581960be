// A series cut in three: two cuts and a gap that can be moved, every window in sight, and what leaks.
import { fixed, toRows } from "./core.js";
import { html, panel, svg, uniqueId } from "./ui.js";
import { Card } from "./card.js";
import { cutRange, meanAndStd, rowsUsed, windowLeaks, windowParts, windowsThatShare } from "./windows.js";

const PARTS = ["train", "validation", "test"];
const SIGNS = { train: "●", validation: "■", test: "▲" };
const SERIES = 130; // heights, in viewBox units
const BAR = 30;
const LABELS = 46; // between the bar and the windows: the gap's handle and the row numbers
const WINDOWS = 190;
const FREE = 14; // free space left and right
const HANDLES = [["first cut", 0], ["second cut", 1], ["gap", "gap"]];

const clamp = (x, [least, most]) => Math.min(most, Math.max(least, x));
const windowCount = (n) => `${n} window${n === 1 ? "" : "s"}`;

// A target's mark: its shape says which part it is, so that colour is never alone.
function markAt(part, x, y, r) {
  if (part === "train") return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
  if (part === "validation") return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
  return `M${x} ${y - 1.2 * r}l${1.2 * r} ${2.2 * r}h${-2.4 * r}z`;
}

// One drawing: the series, the bar of parts with its handles, and the windows in lanes, so that none covers another.
class Timeline {
  constructor(settings, { move, limits }) {
    Object.assign(this, { settings, move, limits, hatch: uniqueId("hatch"), handles: {} });
    this.seriesHeight = settings.x ? SERIES : 0;
    this.span = settings.length + settings.horizon;
    this.lanes = this.span + Math.ceil(this.span / 6); // a target and the next window of its lane stay apart
    this.lane = clamp(WINDOWS / this.lanes, [2, 15]);
    this.windowsTop = this.seriesHeight + BAR + LABELS;
    this.height = this.windowsTop + this.lanes * this.lane + 4;
    this.back = svg("g", { "aria-hidden": "true" });
    this.front = svg("g");
    this.numbers = svg("g", { "aria-hidden": "true" });
    this.element = svg("svg", { class: "timeline", role: "group", "aria-label": "series, parts and windows" }, this.patterns(), this.back, this.front, this.numbers);
    for (const [label, which] of HANDLES) this.front.append(this.handle(label, which));
  }

  patterns() {
    return svg("defs", {}, ...[...PARTS, "left"].map((name) =>
      svg("pattern", { id: `${this.hatch}-${name}`, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        svg("rect", { width: 5, height: 5, style: "fill: var(--paper)" }), svg("rect", { width: 2.2, height: 5, class: `part ${name}` }))));
  }

  handle(label, which) {
    const grip = which === "gap" ? svg("path", { d: "M-7 0L0 -8L7 0L0 8Z", class: "grip" }) : svg("circle", { r: 9, class: "grip" });
    const line = svg("path", { class: "cutline" });
    const handle = svg("g", { role: "slider", tabindex: 0, class: "handle", "aria-label": label }, ...(which === "gap" ? [] : [line]), svg("circle", { r: 17, fill: "transparent" }), grip);
    let grabbed = null; // from the pointer to the handle, so that it does not jump
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
      grabbed = this.valueOf(which) - this.rowAt(event);
    });
    handle.addEventListener("pointermove", (event) => grabbed !== null && this.move(which, Math.round(this.rowAt(event) + grabbed)));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) handle.addEventListener(end, () => (grabbed = null));
    handle.addEventListener("keydown", (event) => {
      const value = this.valueOf(which);
      const [least, most] = this.limits(which);
      const step = event.shiftKey ? 10 : 1;
      const next = { ArrowLeft: value - step, ArrowDown: value - step, ArrowRight: value + step, ArrowUp: value + step,
        PageDown: value - 10, PageUp: value + 10, Home: least, End: most }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.move(which, next);
    });
    this.handles[which] = { handle, line };
    return handle;
  }

  valueOf(which) {
    return which === "gap" ? this.now.gap : this.now.cuts[which];
  }

  rowAt(event) {
    const box = this.element.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * (this.now.nSteps * this.step + 2 * FREE) / this.step;
  }

  at(row) {
    return FREE + row * this.step;
  }

  draw(now, parts, width) {
    this.now = now;
    this.step = (width - 2 * FREE) / now.nSteps;
    this.element.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    this.back.replaceChildren(...(now.x ? this.series() : []), ...this.bar(), ...this.windows(parts));
    this.numbers.replaceChildren(...this.rowNumbers());
    this.placeHandles();
  }

  series() {
    const { x, mean, std, used } = this.now;
    const [low, high] = [Math.min(...x, mean - std), Math.max(...x, mean + std)];
    const y = (value) => 12 + (SERIES - 26) * (1 - (value - low) / (high - low || 1));
    const line = x.map((value, row) => `${row ? "L" : "M"}${this.at(row + 0.5)} ${y(value)}`).join("");
    const learnt = this.runs(used);
    const band = learnt.map(([from, to]) => `M${this.at(from)} ${y(mean + std)}H${this.at(to)}V${y(mean - std)}H${this.at(from)}Z`).join("");
    const name = svg("text", { x: this.at(0), y: 10, class: "tick", "font-size": 13 }, this.settings.label);
    return [name, svg("path", { d: band, class: "band" }), svg("path", { d: `M${this.at(0)} ${y(mean)}H${this.at(this.now.nSteps)}`, class: "mean" }),
      svg("path", { d: line, class: "series" })];
  }

  // The stretches where something is true, as [from, to] pairs.
  runs(flags) {
    const edges = flags.flatMap((flag, row) => (flag !== Boolean(flags[row - 1]) ? [row] : []));
    if (flags.at(-1)) edges.push(flags.length);
    return edges.flatMap((edge, i) => (i % 2 ? [] : [[edge, edges[i + 1]]]));
  }

  bar() {
    const { nSteps, cuts, gap, shuffle } = this.now;
    const edges = [0, ...cuts, nSteps];
    const top = this.seriesHeight;
    const free = shuffle ? 0 : gap; // dealt out at random there is no gap
    const boxes = PARTS.flatMap((name, i) => {
      const [from, to] = [this.at(edges[i] + (i ? free : 0)), this.at(edges[i + 1])];
      const text = `${SIGNS[name]} ${name}`;
      // so faint that the name on it keeps a contrast of 4.5 to 1
      return [svg("rect", { x: from, y: top, width: Math.max(0, to - from), height: BAR, rx: 4, class: `part outlined ${name}`, "fill-opacity": 0.06 }),
        svg("text", { x: (from + to) / 2, y: top + BAR / 2 + 1, class: `partname ${name}`, "font-size": 15, "font-weight": 650, "text-anchor": "middle", "dominant-baseline": "central" },
          to - from > 9 * text.length + 16 ? text : SIGNS[name])];
    });
    const gaps = free ? cuts.map((cut) => svg("rect", { x: this.at(cut), y: top, width: free * this.step, height: BAR, style: `fill: url(#${this.hatch}-left)` })) : [];
    return [...boxes, ...gaps];
  }

  // The rows of the cuts, beside their lines, and of both ends; a cut's only where there is room.
  rowNumbers() {
    const { nSteps, cuts, times } = this.now;
    const [first, second] = cuts;
    const room = 80 / this.step;
    const shown = [[0, "start", 0], [first, "end", -5], [second, "start", 5], [nSteps, "end", 0]]
      .filter(([row]) => (row !== first || first > room) && (row !== second || nSteps - second > room));
    return shown.map(([row, anchor, aside]) => svg("text", { x: this.at(row) + aside, y: this.seriesHeight + BAR + 34, class: "tick label", "font-size": 13, "text-anchor": anchor },
      times.length ? times[Math.min(row, nSteps - 1)] : String(row)));
  }

  // A thin bar for what a window sees, a mark for its target; hatched where it shares rows, hollow where it is left out.
  windows(parts) {
    const { length, horizon } = this.now;
    const thick = Math.max(1.2, 0.55 * this.lane);
    const radius = clamp(Math.min(0.4 * this.lane, 1.2 * this.step), [1.3, 4.5]);
    const bar = (start) => {
      const [x, y] = [this.at(start) + 0.15 * this.step, this.middle(start) - thick / 2];
      return `M${x} ${y}h${(length - 0.3) * this.step}v${thick}h${-(length - 0.3) * this.step}z`;
    };
    const stem = (start) => `M${this.at(start + length)} ${this.middle(start)}H${this.at(start + length + horizon - 0.5)}`;
    const mark = (name) => (start) => markAt(name, this.at(start + length + horizon - 0.5), this.middle(start), radius);
    const drawn = PARTS.flatMap((name) => {
      const shared = new Set(parts.shared[name]);
      const [clean, leaky] = [parts[name].filter((s) => !shared.has(s)), [...shared]];
      return [svg("path", { d: clean.map(bar).join(""), class: `part ${name}`, "fill-opacity": 0.75, "data-windows": name }),
        svg("path", { d: leaky.map(bar).join(""), class: `outlined ${name}`, style: `fill: url(#${this.hatch}-${name})`, "data-leaky": name }),
        svg("path", { d: parts[name].map(stem).join(""), class: `outlined ${name}`, opacity: 0.55 }),
        svg("path", { d: parts[name].map(mark(name)).join(""), class: `part ${name}` })];
    });
    // With its target, or a window whose inputs lie inside a part would seem to be left out for no reason.
    const hollow = { class: "outlined", fill: "none", style: "stroke: var(--muted)" };
    const left = svg("path", { d: parts.left.map(bar).join(""), ...hollow, "data-windows": "left" });
    const targets = svg("path", { d: parts.left.map((start) => stem(start) + mark("train")(start)).join(""), ...hollow });
    return [left, targets, ...drawn];
  }

  middle(start) {
    return this.windowsTop + ((start % this.lanes) + 0.5) * this.lane;
  }

  placeHandles() {
    const { cuts, gap, times } = this.now;
    const middle = this.seriesHeight + BAR / 2;
    for (const [label, which] of HANDLES) {
      const { handle, line } = this.handles[which];
      const row = which === "gap" ? cuts[0] + gap : cuts[which];
      const y = which === "gap" ? this.seriesHeight + BAR + 9 : middle;
      handle.setAttribute("transform", `translate(${this.at(row)} ${y})`);
      line.setAttribute("d", `M0 ${-middle}V${this.height - middle}`);
      const value = this.valueOf(which);
      const [least, most] = this.limits(which);
      const text = which === "gap" ? `${gap} rows after each cut` : `before row ${row}${times.length ? `, ${times[row]}` : ""}`;
      for (const [name, said] of Object.entries({ valuenow: value, valuemin: least, valuemax: most, valuetext: text, label })) handle.setAttribute(`aria-${name}`, said);
    }
  }
}

// The counts in words and numbers: rows of a part, less what a window needs, plus one.
function spelledCounts({ length, horizon, cuts, nSteps, gap, shuffle, drop }, parts) {
  const coloured = (name) => [`${SIGNS[name]} ${name}`, name];
  if (shuffle) {
    const total = nSteps - length - horizon + 1;
    const dealt = PARTS.flatMap((name, i) => [i ? ", " : "", coloured(name), ` ${parts[name].length}`]);
    return [`${total} windows, dealt out at random: `, ...dealt];
  }
  const edges = [0, ...cuts, nSteps];
  return PARTS.flatMap((name, i) => {
    const rows = edges[i + 1] - edges[i] - (i ? gap : 0);
    const sum = drop ? `${rows} rows − (${length} + ${horizon}) + 1 = ` : `${rows} rows, `;
    return [i ? ";  " : "", coloured(name), `: ${sum}`, html("b", {}, windowCount(parts[name].length)), drop ? "" : " that start there"];
  });
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "split-timeline", label: "Split of a series in time" });
  const fixedSettings = () => {
    const [nSteps, length, horizon, order, times, label] = ["n_steps", "length", "horizon", "order", "times", "label"].map((name) => card.get(name));
    return { nSteps, length, horizon, order, times, label, x: toRows(card.get("x")) };
  };
  const settings = () => ({ ...fixedSettings(), ...Object.fromEntries(["cuts", "gap", "shuffle", "drop", "scaler"].map((name) => [name, card.get(name)])) });

  card.checkbox("shuffle", "shuffle windows");
  card.checkbox("drop", "drop straddling windows");
  card.choice("scaler", "scaler fitted on", [["train", "train"], ["all", "everything"]]);

  function move(which, value) {
    const range = cutRange(which, settings());
    const to = clamp(value, range);
    if (which === "gap") card.set("gap", to);
    else card.set("cuts", card.get("cuts").map((cut, i) => (i === which ? to : cut)));
    if (to !== value) card.alert(`Here it ends: every part keeps room for one window of ${card.get("length")} + ${card.get("horizon")} rows.`);
  }

  const timeline = new Timeline(fixedSettings(), { move, limits: (which) => cutRange(which, settings()) });
  const scaled = html("span");
  const verdict = html("p", { class: "heading" });
  const list = html("div");
  const done = html("p", { class: "done" });
  const need = card.get("length") + card.get("horizon") - 1;
  card.picture.append(
    html("div", { class: "panel whole" }, html("p", { class: "heading" }, "series, parts, windows"),
      html("p", { class: "caption" }, "drag a cut (○) or the gap (◇), or use the arrow keys; a bar is what a window sees, the mark its target; ",
        html("b", {}, "hatched"), ": shares rows with another part; hollow: left out", scaled), timeline.element),
    html("div", { class: "panel" }, verdict, list),
    html("div", { class: "panel turn" }, html("p", { class: "heading" }, "Your turn"),
      "Keep the windows that straddle a cut: untick the second box. How wide must the gap be until nothing is hatched? Then shuffle: does a gap still help?", done),
  );

  let parts, leaks;
  card.standardButtons(() => ({
    caption: "windows of each part: how many, and where they start",
    columns: ["", "windows", "first start", "last start", "share rows"],
    rows: PARTS.map((name) => [name, parts[name].length, Math.min(...parts[name]), Math.max(...parts[name]), parts.shared[name].length].map(String)),
  }));
  card.button("reset", () => Object.entries(card.get("start")).forEach(([name, value]) => card.set(name, value)));

  function compute() {
    const now = settings();
    parts = windowParts(now);
    const used = Object.fromEntries(PARTS.map((name) => [name, rowsUsed(parts[name], now)]));
    parts.shared = Object.fromEntries(PARTS.map((name) => {
      const others = used[name].map((_, row) => PARTS.some((other) => other !== name && used[other][row]));
      return [name, windowsThatShare(parts[name], others, now)];
    }));
    leaks = windowLeaks(parts, now);
    const learnt = now.scaler === "all" ? used.train.map(() => true) : used.train;
    const [mean, std] = now.x ? meanAndStd(now.x, learnt) : [];
    return { ...now, mean, std, used: learnt };
  }

  function draw() {
    const now = compute();
    timeline.draw(now, parts, card.room());
    scaled.textContent = now.x ? `; shaded: the rows that the scaler learnt from (mean ${fixed(now.mean)}, std ${fixed(now.std)})` : "";
    const clean = !leaks.length;
    verdict.textContent = clean ? "✓ nothing leaks" : `✗ ${leaks.length} leak${leaks.length > 1 ? "s" : ""}`;
    verdict.dataset.mark = clean ? "✓" : "✗";
    list.replaceChildren(...leaks.map(([name, count, of]) => html("p", { class: "caption" }, `${name}: `, html("b", {}, String(count)), ` of ${of}`)),
      ...(clean ? [html("p", { class: "caption" }, "no row stands on two sides, and the scaler learns from train alone")] : []));
    done.textContent = clean && !now.drop && !now.shuffle ? `✓ A gap of ${need} = ${now.length} + ${now.horizon} − 1 rows is enough.` : "";
    card.spell(spelledCounts(now, parts));
    const counts = PARTS.map((name) => `${name} ${parts[name].length}`).join(", ");
    card.announce(`${counts} windows; ${clean ? "nothing leaks" : leaks.map(([name, count, of]) => `${name}: ${count} of ${of}`).join("; ")}`);
  }

  return card.start(draw, { asksForRoom: true });
}

export default { render };
