// The frame that every widget shares: a bar of controls, the picture, a line of arithmetic, and what a screen reader hears.
import { exact } from "./core.js";
import { EM, html, phrase, tableOf } from "./ui.js";
import { savePicture } from "./save.js";

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
    this.unsaved = {}; // what the hand has set since Python was last told
    this.refreshers = [];
  }

  get(name) {
    return this.model.get(name);
  }

  // The picture changes at once; Python hears of it when the hand has rested.
  set(name, value, rest = 150) {
    Card.touched = this;
    if (name !== "focus") this.alert(""); // looking at another cell does not answer a refusal
    this.unsaved[name] = value;
    this.later("save", rest, () => this.save());
    this.model.set(name, value);
  }

  save() {
    this.unsaved = {};
    this.model.save_changes();
  }

  // Python's echo of an older value must not take back what the hand has done meanwhile. A hand is at one card: of two
  // views of one widget, the one that it has left gives way.
  keepUnsaved() {
    if (Card.touched !== this) return;
    for (const [name, value] of Object.entries(this.unsaved)) if (this.get(name) !== value) this.model.set(name, value);
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

  // How much fits side by side, in viewBox units: text keeps its size, however narrow the card. 900 until it stands in the page.
  room() {
    const { paddingLeft, paddingRight, fontSize } = getComputedStyle(this.picture);
    const inside = this.picture.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    return this.picture.clientWidth ? (inside / parseFloat(fontSize)) * EM : 900;
  }

  // Draw now, at every change and, when the picture asks for its room, at every new width; returns the widget's clean-up.
  start(draw, { asksForRoom = false } = {}) {
    const run = () => {
      this.keepUnsaved();
      this.refreshers.forEach((refresh) => refresh());
      draw();
      this.fillTable?.();
    };
    this.refreshers.push(() => this.root.toggleAttribute("data-projector", Boolean(this.get("projector"))));
    this.el.append(this.root);
    run();
    this.model.on("change", run);
    const watcher = new ResizeObserver(draw);
    if (asksForRoom) watcher.observe(this.picture);
    return () => {
      watcher.disconnect();
      this.model.off("change", run);
      Object.values(this.timers).forEach(clearTimeout);
      if (this.timers.save) this.save();
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
    projector.classList.add("for-a-room");
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
