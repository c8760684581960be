// Runs the widgets of a page from their stored state. What a kernel would be asked, the page answers, or says that it cannot.

// A model as the widgets know it: get, set, save, on and off. Nobody listens at the other end.
class Model {
  constructor(state, answers) {
    this.state = state;
    this.answers = answers; // of a widget that reads, which then offers these texts only: text -> what Python would send back
    this.listeners = {};
  }

  get(name) {
    return this.state[name];
  }

  set(name, value) {
    const answer = name === "text" && this.answers?.[value];
    this.take(answer ? restored(answer) : { [name]: value });
  }

  // Several values at once, and one drawing.
  take(values) {
    const changed = Object.keys(values).filter((name) => this.state[name] !== values[name]);
    Object.assign(this.state, values);
    changed.forEach((name) => this.emit(`change:${name}`));
    if (changed.length) this.emit("change");
  }

  save_changes() {}

  on(event, run) {
    (this.listeners[event] ??= new Set()).add(run);
  }

  off(event, run) {
    this.listeners[event]?.delete(run);
  }

  emit(event) {
    this.listeners[event]?.forEach((run) => run());
  }
}

const page = JSON.parse(document.getElementById("widgets").textContent);
const bytes = page.buffers.map((text) => {
  const letters = atob(text);
  const view = new DataView(new ArrayBuffer(letters.length));
  for (let i = 0; i < letters.length; i++) view.setUint8(i, letters.charCodeAt(i));
  return view;
});

// A stored state with its arrays put back in their places.
function restored({ state, buffers }) {
  const whole = structuredClone(state);
  for (const [path, number] of buffers) {
    const holder = path.slice(0, -1).reduce((part, name) => part[name], whole);
    holder[path.at(-1)] = bytes[number];
  }
  return whole;
}

// The reader commits to a prediction; then the card compares, and the outputs that waited for it unfold.
function prediction(model, answer, id, place) {
  const folds = [...document.querySelectorAll(`details[data-waits~="${id}"]`)];
  const compare = () => {
    if (model.get("truth") === null) model.take({ said: model.get("choice"), truth: answer });
    const open = folds.some((fold) => fold.open);
    button.textContent = open ? "Fold the outputs" : "Unfold the outputs";
    button.setAttribute("aria-expanded", String(open));
  };
  const button = html("button", { type: "button", class: "compare", onclick: () => {
    const open = model.get("truth") === null || !folds.some((fold) => fold.open);
    folds.forEach((fold) => (fold.open = open));
    compare();
    if (folds.length) return;
    place.tabIndex = -1; // the button goes, the reader stays
    place.focus();
    button.remove();
  } }, "Compare with the code");
  if (folds.length) button.setAttribute("aria-expanded", "false");
  for (const fold of folds) fold.addEventListener("toggle", () => (fold.open || model.get("truth") !== null) && compare());
  place.after(html("p", {}, button));
}

const models = {};
const named = {};
for (const place of document.querySelectorAll("[data-model]")) {
  const id = place.dataset.model;
  const entry = page.models[id];
  const model = (models[id] ??= new Model(restored(entry), entry.answers));
  place.replaceChildren();
  WIDGETS[entry.widget].render({ model, el: place });
  const card = place.firstElementChild;
  const spelled = card.querySelector(".spelled"); // what is to be seen now, in words and numbers
  spelled.id = uniqueId("spelled");
  card.setAttribute("aria-describedby", spelled.id);
  const label = card.getAttribute("aria-label"); // landmarks are told apart by their names
  named[label] = (named[label] ?? 0) + 1;
  if (named[label] > 1) card.setAttribute("aria-label", `${label}, number ${named[label]}`);
  if ("answer" in entry && entry.answer !== null) prediction(model, entry.answer, id, place);
}
window.courseModels = models; // for those who look behind the curtain, and for the tests
