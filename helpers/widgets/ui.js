// What every widget shares: elements, the card with its controls, saving as a picture.
// Text goes in as text nodes only, so whatever a learner types is shown as typed and never run.
import { exact, short } from "./core.js";

const SVG = "http://www.w3.org/2000/svg";
export const EM = 16; // units of a viewBox per em: one font size scales pictures and text alike

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

export const html = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

// A picture of the given size in viewBox units, as wide as the font size makes it and never wider than its panel.
export const picture = (width, height, attributes = {}, ...children) =>
  svg("svg", { viewBox: `0 0 ${width} ${height}`, style: `width:${width / EM}em`, ...attributes }, ...children);

// ["big", "query"] -> a coloured, bidi-isolated word; plain strings stay plain.
export const phrase = (parts) =>
  parts.map((part) => (Array.isArray(part) ? html("bdi", { class: part[1] }, short(part[0], 40)) : part));

// A panel of the picture: heading (parts of a phrase), caption, content.
export const panel = (heading, caption, ...content) =>
  html("div", { class: "panel" },
    html("p", { class: "heading" }, ...phrase(heading)), html("p", { class: "caption" }, ...phrase(caption)), ...content);

// Random, not counted: every widget on a page is a module of its own and would count from 1 again.
export const uniqueId = (stem) => `${stem}-${Math.random().toString(36).slice(2)}`;

// The frame of a widget. `name` is the stem with dashes; `draw` runs at every change of the model.
export class Card {
  constructor({ model, el }, { name, label }) {
    this.model = model;
    this.el = el;
    this.left = html("div", { class: "left", style: "display:contents" });
    this.right = html("div", { class: "right" });
    this.picture = html("div", { class: "picture" });
    this.tableBox = html("div", { class: "as-table", hidden: true, tabindex: 0, role: "region", "aria-label": "numbers as a table" });
    this.spelled = html("div", { class: "spelled" });
    this.alertBox = html("div", { class: "alert", role: "alert" });
    this.live = html("div", { class: "hidden", role: "status", "aria-live": "polite" });
    this.root = html("section", { class: "course-widget", "data-widget": name, "aria-label": label },
      html("div", { class: "bar" }, this.left, this.right), this.picture, this.tableBox, this.alertBox, this.spelled, this.live);
    // JupyterLab reads its shortcuts from the focused element's attribute; on a wrapper it is not enough.
    this.root.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
    this.timers = {};
    this.refreshers = [];
  }

  get(name) {
    return this.model.get(name);
  }

  // The picture changes at once; Python hears of it when the hand has rested.
  set(name, value, rest = 150) {
    if (name !== "focus") this.alert(""); // looking at another cell does not answer a refusal
    this.model.set(name, value);
    this.later("save", rest, () => this.model.save_changes());
  }

  later(timer, milliseconds, run) {
    clearTimeout(this.timers[timer]);
    this.timers[timer] = setTimeout(run, milliseconds);
  }

  alert(text) {
    if (this.alertBox.textContent !== text) this.alertBox.textContent = text;
  }

  // What changed, for a screen reader; the first drawing is no change, and a page of widgets would all speak at once.
  announce(text) {
    if (this.said !== undefined && this.said !== text) this.later("live", 250, () => (this.live.textContent = text));
    this.said = text;
  }

  // The line of arithmetic in words and numbers, in the colours of the roles.
  spell(parts) {
    this.spelled.replaceChildren(...phrase(parts));
  }

  // Draw now and at every change; the returned function is the widget's clean-up.
  start(draw) {
    const run = () => {
      this.refreshers.forEach((refresh) => refresh());
      draw();
      this.fillTable?.();
    };
    this.refreshers.push(() => this.root.toggleAttribute("data-projector", Boolean(this.get("projector"))));
    this.el.append(this.root);
    run();
    this.model.on("change", run);
    return () => {
      this.model.off("change", run);
      Object.values(this.timers).forEach(clearTimeout);
      if (this.timers.save) this.model.save_changes();
      this.root.remove();
    };
  }

  slider(name, { label, min, max, step, digits = 1 }) {
    const input = html("input", { type: "range", min, max, step, oninput: () => this.set(name, Number(input.value)) });
    const shown = html("output", { "aria-hidden": "true" }); // the slider itself says its value
    this.left.append(html("label", {}, label, input, shown));
    this.refreshers.push(() => {
      input.value = this.get(name);
      shown.textContent = exact(this.get(name), digits);
      input.setAttribute("aria-valuetext", shown.textContent);
    });
    return input;
  }

  checkbox(name, ...label) {
    const input = html("input", { type: "checkbox", onchange: () => this.set(name, input.checked) });
    this.left.append(html("label", {}, input, html("span", {}, ...label)));
    this.refreshers.push(() => (input.checked = this.get(name)));
    return input;
  }

  // options: [[value, label], ...]
  choice(name, label, options, place = this.left) {
    const input = html("select", { onchange: () => this.set(name, input.value) },
      ...options.map(([value, text]) => html("option", { value }, text)));
    place.append(html("label", {}, label, input));
    this.refreshers.push(() => (input.value = this.get(name)));
    return input;
  }

  button(label, onclick, attributes = {}) {
    const button = html("button", { type: "button", onclick, ...attributes }, label);
    this.right.append(button);
    return button;
  }

  // The buttons that every widget has: numbers as a table, save, projector.
  // table() returns {caption, columns, rows: [[head, ...cells], ...]}.
  standardButtons(table) {
    const shown = this.button("table", () => {
      this.tableBox.hidden = !this.tableBox.hidden;
      this.fillTable();
    }, { "aria-label": "show as table" });
    this.fillTable = () => {
      shown.setAttribute("aria-pressed", String(!this.tableBox.hidden));
      if (!this.tableBox.hidden) this.tableBox.replaceChildren(tableOf(table()));
    };
    this.saveButtons();
    this.projectorButton();
  }

  projectorButton() {
    const projector = this.button("projector", () => this.set("projector", !this.get("projector")));
    this.refreshers.push(() => projector.setAttribute("aria-pressed", String(Boolean(this.get("projector")))));
  }

  saveButtons() {
    const formats = html("span", { hidden: true }, ...["SVG", "PNG"].map((format) =>
      html("button", { type: "button", "aria-label": `save as ${format}`, onclick: () => savePicture(this, format) }, format)));
    const open = this.button("save", () => {
      formats.hidden = !formats.hidden;
      open.setAttribute("aria-expanded", String(!formats.hidden));
    }, { "aria-expanded": "false" });
    this.right.append(formats);
  }
}

export function tableOf({ caption, columns, rows }) {
  const head = columns.map((column) => (column ? html("th", { scope: "col" }, column) : html("td"))); // a corner heads nothing
  return html("table", {}, html("caption", { class: "caption" }, caption), html("thead", {}, html("tr", {}, ...head)),
    html("tbody", {}, ...rows.map(([name, ...cells]) =>
      html("tr", {}, html("th", { scope: "row" }, name), ...cells.map((cell) => html("td", {}, cell))))));
}

// What is saved: everything between the controls and the end of the card.
function savedArea(card) {
  const { left, width, bottom } = card.root.getBoundingClientRect();
  const { top } = card.picture.getBoundingClientRect();
  return { left, top, width, height: bottom - top };
}

// One SVG of the whole picture: drawings where they stand, headings and captions as text, styles written into the elements,
// because a file on its own has no style sheet.
export function pictureAsSvg(card) {
  const box = savedArea(card);
  const place = (node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    return { x: left - box.left, y: top - box.top, width, height };
  };
  const sheet = svg("svg", { xmlns: SVG, width: box.width, height: box.height, viewBox: `0 0 ${box.width} ${box.height}` },
    svg("rect", { width: "100%", height: "100%", fill: getComputedStyle(card.root).backgroundColor }));
  for (const drawing of card.picture.querySelectorAll("svg, canvas")) {
    if (drawing.getBoundingClientRect().width === 0) continue;
    const copy = drawing instanceof SVGElement ? withStyles(drawing) : svg("image", { href: drawing.toDataURL(), "image-rendering": "pixelated" });
    copy.removeAttribute("style");
    for (const [name, value] of Object.entries(place(drawing))) copy.setAttribute(name, value);
    sheet.append(copy);
  }
  for (const block of [...card.picture.querySelectorAll(".panel:not(.turn) > .heading, .caption, .weights"), card.spelled]) {
    for (const { text, node, x, y } of linesOf(block)) {
      const style = getComputedStyle(node.parentElement);
      sheet.append(svg("text", { x: x - box.left, y: y - box.top, fill: style.color, "dominant-baseline": "central",
        "font-size": style.fontSize, "font-weight": style.fontWeight, "font-family": style.fontFamily }, text));
    }
  }
  for (const input of card.picture.querySelectorAll("input[type=number]")) {
    const { x, y, width, height } = place(input);
    const style = getComputedStyle(input);
    sheet.append(svg("text", { x: x + width / 2, y: y + height / 2, fill: style.color, "text-anchor": "middle", "dominant-baseline": "central",
      "font-size": style.fontSize, "font-family": style.fontFamily }, input.value));
  }
  return new XMLSerializer().serializeToString(sheet);
}

// SVG text does not wrap: one piece for each line that the browser made of the paragraph; hidden words have none. Lines
// break at spaces and, in "(0.50)(0.81)", before a bracket.
function linesOf(block) {
  const lines = [];
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    for (const { 0: word, index } of node.data.matchAll(/\S[^\s(]*\s*/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const [place] = range.getClientRects();
      const last = lines.at(-1);
      if (place && last?.node === node && last.top === place.top) last.text += word;
      else if (place) lines.push({ text: word, node, top: place.top, x: place.left, y: place.top + place.height / 2 });
    }
  }
  return lines;
}

const WRITTEN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "font-size", "font-weight", "font-family", "text-anchor", "dominant-baseline",
  "stroke-linecap", "stroke-linejoin", "paint-order"];

function withStyles(drawing) {
  const copy = drawing.cloneNode(true);
  const originals = drawing.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((node, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of WRITTEN) node.style.setProperty(name, style.getPropertyValue(name));
  });
  return copy;
}

async function savePicture(card, format) {
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(pictureAsSvg(card))}`;
  const name = `${card.root.dataset.widget}.${format.toLowerCase()}`;
  download(format === "SVG" ? address : await rasterised(address, savedArea(card)), name);
}

async function rasterised(address, { width, height }) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = html("canvas", { width: 2 * width, height: 2 * height }); // twice the screen: sharp on a slide
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

function download(href, name) {
  html("a", { href, download: name }).click();
}
