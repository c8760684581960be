// The instructor's page: who is where. Those who have been at the same mistake longest come first.

import { make, start, words } from "./page.js";

const main = document.getElementById("main");
const title = make("h2");
const table = make("table");
const box = make("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": "who is where" }, table);
const minutes = (since) => Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 60_000));

// What one learner has made of the notebook: since when they are stuck, if they are, and how much is done.
function standing(learner, notebook) {
  const attempts = notebook.exercises.map((exercise) => learner.attempts[exercise.name]).filter(Boolean);
  const stuck = attempts.filter((attempt) => !attempt.done).map((attempt) => Date.parse(attempt.since));
  return { stuck: stuck.length ? Math.min(...stuck) : Infinity, done: attempts.length - stuck.length };
}

function cell(attempt) {
  if (!attempt) return make("td", { class: "not_started" }, make("span", { "aria-hidden": "true" }, "○"), " not started");
  if (attempt.done) return make("td", { class: "done" }, make("span", { "aria-hidden": "true" }, "✓"), " done");
  const mistake = attempt.diagnosis ? words(attempt.diagnosis) : "tried";
  return make("td", { class: "tried" }, make("span", { "aria-hidden": "true" }, "✗"), ` ${mistake} `,
    make("small", {}, `${minutes(attempt.since)} min ago`));
}

start(true, (state, notebook) => {
  const learners = state.names.map((learner) => [learner, standing(learner, notebook)]);
  learners.sort(([, a], [, b]) => (a.stuck === b.stuck ? a.done - b.done : a.stuck - b.stuck));
  const head = make("tr", {}, make("th", { scope: "col" }, "learner"),
    ...notebook.exercises.map((exercise) => make("th", { scope: "col" }, exercise.name)));
  const rows = learners.map(([learner]) => make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, learner.name)),
    ...notebook.exercises.map((exercise) => cell(learner.attempts[exercise.name]))));
  title.textContent = `${notebook.number} ${notebook.title}`;
  table.replaceChildren(make("thead", {}, head), make("tbody", {}, ...rows));
  if (!box.isConnected) main.append(title, box); // only once: a new box would lose the focus, and how far it is scrolled
});
