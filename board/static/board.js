// The projected page: counts, and nobody's name.

import { make, rich, start, words } from "./page.js";

const SHOWN = 4; // mistakes of one exercise; the rest is one line
const KINDS = [["done", "✓", "done"], ["tried", "✗", "tried"], ["not_started", "○", "not started"]];
const main = document.getElementById("main");
let shown = null; // the notebook whose cards stand on the page

function card(exercise) {
  const counts = KINDS.map(([kind, sign, label]) =>
    make("li", { class: kind }, make("span", { class: "sign", "aria-hidden": "true" }, sign), make("b"), ` ${label}`));
  const parts = KINDS.map(([kind]) => make("span", { class: kind }));
  return make("section", { "data-exercise": exercise.name },
    make("div", { class: "head" }, make("h3", {}, exercise.name), make("p", { class: "minutes" }),
      make("ul", { class: "counts" }, ...counts)),
    make("div", { class: "share", role: "img" }, ...parts),
    make("ol", { class: "mistakes" }));
}

function line(count, ...what) {
  return make("li", {}, make("b", {}, String(count)), make("span", {}, ...what));
}

function mistakes(exercise) {
  const lines = exercise.mistakes.slice(0, SHOWN).map((one) =>
    line(one.count, make("strong", {}, words(one.id)), " ", ...rich(one.sentence)));
  const rest = exercise.mistakes.slice(SHOWN).reduce((sum, one) => sum + one.count, 0);
  const named = rest ? "with another named mistake" : "";
  const unnamed = exercise.unnamed ? `${rest ? `, ${exercise.unnamed} ` : ""}with a mistake that has no name` : "";
  if (rest || exercise.unnamed) lines.push(line(rest || exercise.unnamed, named + unnamed));
  return lines;
}

function minutes(exercise) {
  if (exercise.minutes === null) return `planned ${exercise.planned} min`;
  const taken = exercise.minutes < 1 ? "under 1" : Math.round(exercise.minutes);
  return `median ${taken} min, planned ${exercise.planned}`;
}

function update(section, exercise, learners) {
  section.querySelector(".minutes").textContent = minutes(exercise);
  const bar = section.querySelector(".share");
  bar.toggleAttribute("data-few", learners <= 60); // one notch for each learner
  KINDS.forEach(([kind], i) => {
    section.querySelectorAll(".counts li")[i].querySelector("b").textContent = exercise[kind];
    bar.children[i].style.flexGrow = exercise[kind];
    bar.children[i].style.setProperty("--count", Math.max(1, exercise[kind]));
  });
  bar.setAttribute("aria-label", KINDS.map(([kind, , label]) => `${exercise[kind]} ${label}`).join(", "));
  section.querySelector(".mistakes").replaceChildren(...mistakes(exercise));
}

start(false, (state, notebook) => {
  if (shown !== notebook.number) {
    main.replaceChildren(make("h2", {}, `${notebook.number} ${notebook.title}`), ...notebook.exercises.map(card));
    shown = notebook.number;
  }
  notebook.exercises.forEach((exercise, i) => update(main.children[i + 1], exercise, state.learners));
});
