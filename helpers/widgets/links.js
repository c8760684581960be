// Two columns of words with lines between them, as wide as their weights; a picture one can walk with the keys.
import { fixed, short } from "./core.js";
import { html, picture, svg } from "./ui.js";

const SIDE = 120; // viewBox units for the words of one side
const SPAN = 248; // and for the lines
const FAINTEST = 0.03; // weights below it get no line, unless they are looked at
const NUMBERED = 0.05; // weights from here on get a number when they are looked at
const STEPS = 16; // of the width of lines in the background: one path for each

export const LINKS_WIDTH = 2 * SIDE + SPAN;

// Rows stand closer the more there are.
export const rowHeight = (n) => (n <= 11 ? 32 : n <= 16 ? 26 : 21);

// The curve from row i on the left to row j on the right.
export function curve(i, j, height) {
  const [x0, x1, middle] = [SIDE, SIDE + SPAN, SIDE + SPAN / 2];
  const [y0, y1] = [i, j].map((row) => fixed((row + 0.5) * height, 1));
  return `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`;
}

// One path for each width, 1 to STEPS: [[width step, path data], ...], only those that are needed.
export function background(weights, height) {
  const paths = Array.from({ length: STEPS + 1 }, () => "");
  weights.forEach((row, i) => row.forEach((weight, j) => {
    if (weight >= FAINTEST) paths[Math.max(1, Math.round(weight * STEPS))] += curve(i, j, height);
  }));
  return paths;
}

// The word that a key leads to from [side, i], or null when the key is not ours.
export function wordAfterKey(key, [side, i], n) {
  const moves = {
    ArrowUp: [side, i - 1], ArrowDown: [side, i + 1], ArrowLeft: ["query", i], ArrowRight: ["key", i],
    Home: [side, 0], End: [side, n - 1],
  };
  return moves[key] ? [moves[key][0], Math.min(n - 1, Math.max(0, moves[key][1]))] : null;
}

// `focus()` tells the word that is looked at, ["query", i] or ["key", j]; `onfocus(focus)` hears of pointer and keys.
export class Links {
  constructor({ focus, onfocus }) {
    this.focus = focus;
    this.element = html("div", { class: "links" });
    this.element.addEventListener("keydown", (event) => {
      const next = wordAfterKey(event.key, focus(), this.words.length);
      if (!next) return;
      event.preventDefault();
      event.stopPropagation();
      onfocus(next);
      this.optionOf(next).focus();
    });
    const under = (event) => event.target.closest("[data-word]")?.dataset.word.split(" ");
    this.element.addEventListener("pointermove", (event) => {
      const place = `${event.clientX} ${event.clientY}`;
      if (place === this.pointer) return; // the picture moved under the pointer, not the pointer
      this.pointer = place;
      const [side, i] = under(event) ?? focus();
      if (side !== focus()[0] || Number(i) !== focus()[1]) onfocus([side, Number(i)]);
    });
    this.element.addEventListener("pointerleave", () => (this.pointer = null));
    this.element.addEventListener("click", (event) => under(event) && this.optionOf(focus()).focus());
  }

  // Other words: everything is built anew. The lines are kept as one path per width and only change their course.
  setWords(words) {
    this.words = words;
    this.height = rowHeight(words.length);
    const line = (_, step) => svg("path", { "stroke-width": this.widthOf(step / STEPS) });
    this.faint = Array.from({ length: STEPS + 1 }, line);
    this.marked = svg("g", { "aria-hidden": "true" });
    this.options = { query: this.column("query", "the words that listen"), key: this.column("key", "the words listened to") };
    this.drawing = picture(LINKS_WIDTH, words.length * this.height, { role: "group", "aria-label": "who listens to whom" },
      svg("g", { class: "faint", "aria-hidden": "true" }, ...this.faint), this.marked,
      ...Object.values(this.options).map(({ list }) => list));
    this.element.replaceChildren(this.drawing);
    requestAnimationFrame(() => this.scrollTo(this.focus()[1])); // once it has a size
  }

  // A long text has a scroll bar of its own; the page stays where it is.
  scrollTo(i) {
    const { scrollHeight, clientHeight } = this.element;
    this.element.scrollTop = ((i + 0.5) / this.words.length) * scrollHeight - clientHeight / 2;
  }

  column(side, label) {
    const x = side === "query" ? SIDE - 9 : SIDE + SPAN + 9;
    const options = this.words.map((word, i) => {
      const y = (i + 0.5) * this.height;
      const text = svg("text", { x, y, class: side, "font-size": this.height > 22 ? 15 : 13, "dominant-baseline": "central",
        "text-anchor": side === "query" ? "end" : "start" }, short(word, 12));
      return svg("g", { role: "option", class: "option-word", "data-word": `${side} ${i}` }, svg("title", {}, word),
        svg("rect", { x: side === "query" ? 0 : SIDE + SPAN, y: i * this.height, width: SIDE, height: this.height, fill: "transparent" }), text);
    });
    return { options, list: svg("g", { role: "listbox", "aria-label": label }, ...options) };
  }

  optionOf([side, i]) {
    return this.options[side].options[i];
  }

  widthOf(weight) {
    return Math.max(0.7, 0.3 * this.height * weight);
  }

  // describe(side, i): what a screen reader says of a word.
  draw(weights, describe) {
    const [side, at] = this.focus();
    background(weights, this.height).forEach((data, step) => this.faint[step].setAttribute("d", data));
    const row = side === "query" ? weights[at] : weights.map((one) => one[at]);
    this.marked.replaceChildren(...row.flatMap((weight, i) => this.mark(weight, side, at, i)));
    for (const [column, { options }] of Object.entries(this.options)) {
      options.forEach((option, i) => {
        const looked = column === side && i === at;
        option.setAttribute("aria-label", describe(column, i));
        option.setAttribute("aria-selected", String(looked));
        option.setAttribute("tabindex", looked ? "0" : "-1");
        option.toggleAttribute("data-strong", looked || (column !== side && row[i] >= 0.1));
      });
    }
  }

  // The line of one weight that is looked at, and its number at the far end.
  mark(weight, side, at, i) {
    if (weight < 0.005) return [];
    const [from, to] = side === "query" ? [at, i] : [i, at];
    const line = svg("path", { d: curve(from, to, this.height), class: `link ${side}`, "stroke-width": this.widthOf(weight) });
    if (weight < NUMBERED) return [line];
    const end = side === "query" ? { x: SIDE + SPAN - 8, "text-anchor": "end" } : { x: SIDE + 8, "text-anchor": "start" };
    const above = (i + 0.5) * this.height - this.widthOf(weight) / 2 - 3;
    return [line, svg("text", { ...end, y: above, class: `weight ${side}`, "font-size": this.height > 22 ? 14 : 12, "font-weight": 650 }, fixed(weight))];
  }
}
