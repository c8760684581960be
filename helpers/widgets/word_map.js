// Look up a word: its neighbours, or what b - a + c leads to; a list with the true cosines beside a flat picture.
import { dot, equality, exact, fixed, norm, rounded, short, toRows } from "./core.js";
import { html, panel, phrase, picture, svg, uniqueId } from "./ui.js";
import { Card } from "./card.js";
import { widthOf } from "./matrix.js";
import { Plane, leaders, placeLabels } from "./plane.js";
import { cosine, distance, fourthCorner, nearSpellings, principalPlane, ranked } from "./similar.js";

const PATIENCE = 2000; // milliseconds until an unanswered question is called unanswered
const SUGGESTED = 8;
const LONGEST = 40; // letters of a word that near spellings are looked for
const FONT = 11.5; // viewBox units, in a plane that is drawn larger than others
const ROW = { height: 27, word: 30, length: 152, longest: 120, width: 330 };
const HALVES = [1, 1.2, 1.4, 1.6, 1.8, 2, 2.4, 3, 4, 5, 6, 7, 8, 9, 10, 12]; // of the plane, times a power of ten
const TURN = {
  neighbours: ["Look up ", ["good", "word"], ": is ", ["bad", "word"], " far away? Who are the neighbours of ", ["python", "word"],
    "? Enter, or a double click, looks up a word of the list."],
  analogy: ["Try ", ["france", "word"], ", ", ["paris", "word"], ", ", ["japan", "word"], ". Who wins when the three words may answer? ",
    "Find a question that goes wrong."],
};

// Who is nearest to a question, and the vectors of all words concerned: by Python's answer, or by what the browser holds.
function memoryOf(card) {
  const prepared = card.get("prepared");
  const table = toRows(card.get("prepared_vectors"));
  const own = new Map(prepared.map((word, i) => [word, table[i]]));
  const alone = (question) => {
    const order = ranked(targetOf(question.map((word) => own.get(word))), table).map(([i]) => prepared[i]);
    return { vectors: own, order, count: prepared.length };
  };
  const told = (count) => {
    const vectors = toRows(card.get("vectors"));
    const names = [...card.get("asked"), ...card.get("found")];
    return { vectors: new Map(names.map((word, i) => [word, vectors[i]])), order: card.get("found"), count };
  };
  return { own, alone, told };
}

const targetOf = (vectors) => (vectors.length === 1 ? vectors[0] : fourthCorner(...vectors));
const same = (one, other) => one.length === other.length && one.every((word, i) => word === other[i]);
const isolated = (text) => `"\u2068${short(text, 40)}\u2069"`; // a script that runs the other way stays inside its quotes

// A text box for a word, with suggestions; use(word) hears of known words only.
function wordBox(card, label, { words, known, shown, use }) {
  const id = uniqueId("words");
  const list = html("datalist", { id });
  const input = html("input", { type: "text", class: "word-box", dir: "auto", list: id, "aria-label": label, autocomplete: "off", spellcheck: "false" });
  const take = () => {
    const typed = input.value.trim();
    const word = [typed, typed.toLowerCase()].find((text) => known.has(text));
    input.toggleAttribute("aria-invalid", word === undefined);
    if (word === undefined) return card.alert(refusal(typed, words));
    card.alert("");
    input.value = word;
    if (word !== shown()) use(word);
  };
  input.addEventListener("input", () => {
    const start = input.value.trim().toLowerCase();
    list.replaceChildren(...(start ? words.filter((word) => word.startsWith(start)).slice(0, SUGGESTED) : []).map((value) => html("option", { value })));
  });
  input.addEventListener("change", take); // Tab, or a suggestion
  input.addEventListener("keydown", (event) => event.key === "Enter" && take());
  const draw = () => {
    if (shown() === input.shown) return; // what is being typed is left alone
    input.value = input.shown = shown();
    input.removeAttribute("aria-invalid");
  };
  return { element: html("span", {}, input, list), draw };
}

function refusal(typed, words) {
  const count = words.length.toLocaleString("en");
  if (!typed) return "Type a word; the picture stays.";
  if (/\s/.test(typed)) return `${isolated(typed)}: one word at a time, please; the picture stays.`;
  if (typed.length > LONGEST) return `${isolated(typed)} has ${typed.length.toLocaleString("en")} characters: no word is that long. The picture stays.`;
  const near = nearSpellings(typed.toLowerCase(), words);
  return `${isolated(typed)} is not among the ${count} words${near.length ? `; near: ${near.join(", ")}` : ""}. The picture stays.`;
}

// The nearest words with their cosines as lengths: a list to walk with the arrow keys.
function ranking({ selected, onselect, onactivate }) {
  const element = html("div", { class: "ranking" });
  let size = 0;
  const go = (i) => {
    onselect(i);
    element.querySelectorAll("[role=option]")[i].focus();
  };
  element.addEventListener("keydown", (event) => {
    const next = { ArrowUp: selected() - 1, ArrowDown: selected() + 1, Home: 0, End: size - 1 }[event.key];
    if (next === undefined && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    if (next === undefined) onactivate(selected());
    else go(Math.min(size - 1, Math.max(0, next)));
  });
  element.addEventListener("click", (event) => {
    const row = event.target.closest?.("[role=option]");
    if (row) go(Number(row.dataset.row));
    if (row && event.detail === 2) onactivate(Number(row.dataset.row));
  });
  const draw = (rows, label) => {
    size = rows.length;
    const focused = element.contains(document.activeElement);
    element.replaceChildren(picture(ROW.width, ROW.height * size, { role: "listbox", "aria-label": label },
      ...rows.map(({ word, likeness, kind }, i) => option(word, likeness, kind, i, i === selected()))));
    if (focused) element.querySelectorAll("[role=option]")[selected()]?.focus();
  };
  return { element, draw };
}

function option(word, likeness, kind, i, chosen) {
  const y = (i + 0.5) * ROW.height;
  const text = (x, content, attributes) => svg("text", { x, y, "font-size": 15, "dominant-baseline": "central", ...attributes }, content);
  return svg("g", { role: "option", class: "found-word", "data-row": i, tabindex: chosen ? 0 : -1, "aria-selected": String(chosen),
    "aria-label": `${i + 1}. ${word}: cosine ${fixed(likeness)}${kind === "query" ? ", a word of the question" : ""}` },
  svg("rect", { x: 1, y: i * ROW.height + 1, width: ROW.width - 2, height: ROW.height - 2, rx: 4, class: "row" }),
  text(22, i + 1, { class: "tick", "text-anchor": "end", "font-size": 12 }),
  text(ROW.word, [svg("title", {}, word), short(word, 13)], { class: kind, "font-weight": 650 }),
  svg("rect", { x: ROW.length, y: y - 6, width: Math.max(0, likeness) * ROW.longest, height: 12, rx: 2, class: `length ${kind}` }),
  text(ROW.width - 12, fixed(likeness), { "text-anchor": "end" }));
}

// The words laid flat; arrows show the step from a to b, and the same step from c.
function flatMap() {
  const plane = new Plane("words, laid flat", { role: "img", class: "plane flat", style: "width: 34em; max-width: 100%" });
  const draw = (places, target, step) => {
    const spots = [...places, ...(target ? [target] : [])];
    const largest = Math.max(...spots.flatMap(({ at }) => at.map(Math.abs)), 1e-6);
    const unit = 10 ** Math.floor(Math.log10(largest));
    plane.setHalf(HALVES.map((n) => Number((n * unit).toPrecision(2))).find((half) => half >= 1.02 * largest));
    const arrows = step.map(([from, to, kind]) => plane.arrow(to, kind, { from, width: 1.6, dashed: kind === "output" }));
    const dots = spots.map(({ at, kind, chosen }) => {
      const [cx, cy] = plane.point(at);
      return svg("circle", { cx, cy, r: kind === "output" ? 6 : chosen ? 5.5 : 4, class: `spot ${kind}${chosen ? " chosen" : ""}` });
    });
    plane.shapes.replaceChildren(...arrows, ...dots);
    const obstacles = step.flatMap(([from, to]) => [0.15, 0.3, 0.45, 0.6, 0.75, 0.9].map((t) => plane.point(from.map((x, i) => x + t * (to[i] - x)))));
    if (target) obstacles.push(...[[0, 0], [7, 0], [-7, 0], [0, 7], [0, -7]].map(([dx, dy]) => plane.point(target.at).map((x, i) => x + [dx, dy][i])));
    const named = spots.filter(({ word }) => word);
    const tips = named.map(({ word, at }) => ({ at: plane.point(at), width: (widthOf(word) * FONT) / 15, radius: 5 }));
    const centres = placeLabels(tips, obstacles);
    plane.labels.replaceChildren(...leaders(tips, centres), ...named.map(({ word, kind, chosen }, i) => svg("text", { x: centres[i][0], y: centres[i][1], class: `label ${kind}`, "font-size": FONT,
      "font-weight": chosen || kind !== "plain" ? 700 : 450, "text-anchor": "middle", "dominant-baseline": "central" }, svg("title", {}, word), short(word))));
  };
  return { element: plane.element, draw, square: () => exact(plane.half / 2, 1) };
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "word-map", label: "Words as vectors" });
  const words = model.get("vocabulary").split("\n");
  const known = new Set(words);
  const memory = memoryOf(card);
  let orphaned = false; // nobody answered: the prepared words are all there is

  const shows = () => card.get("show");
  const question = () => (shows() === "neighbours" ? [card.get("word")] : card.get("inputs"));
  const box = (label, shown, use) => wordBox(card, label, { words, known, shown, use });
  const ask = (name, value) => {
    const unprepared = [value].flat().find((word) => !memory.own.has(word));
    if (orphaned && unprepared) return card.alert(notPrepared(unprepared));
    card.set("focus", 0);
    card.set(name, value, 0); // at once: somebody waits
  };
  const notPrepared = (word) => `No kernel answers. Without one only ${memory.own.size} prepared words can be looked up, and ${isolated(word)} is not among them. The picture stays.`;

  card.choice("show", "show", [["neighbours", "neighbours"], ["analogy", "analogy"]]);
  const single = box("word", () => card.get("word"), (word) => ask("word", word));
  const three = ["a", "b", "c"].map((name, i) => box(name, () => card.get("inputs")[i], (word) => ask("inputs", card.get("inputs").map((old, j) => (j === i ? word : old)))));
  const oneBox = html("span", { class: "boxes" }, "word", single.element);
  const threeBoxes = html("span", { class: "boxes" }, three[0].element, "is to", three[1].element, "as", three[2].element, "is to …?");
  card.left.append(oneBox, threeBoxes);
  card.slider("k", { label: "words", min: 1, max: Math.min(12, words.length - 3), step: 1, digits: 0 });
  const exclude = card.checkbox("exclude", "leave the three words out").closest("label");

  const map = flatMap();
  const list = ranking({
    selected: () => Math.min(card.get("focus"), run.rows.length - 1),
    onselect: (i) => card.set("focus", i),
    onactivate: (i) => {
      const { word } = run.rows[i];
      card.set("show", "neighbours");
      ask("word", word);
    },
  });
  const [title, among, kept, turn] = ["span", "span", "span", "span"].map((tag) => html(tag));
  const aimed = html("span", {}, "; ", html("span", { class: "output" }, "○"), " is where the step leads");
  card.picture.append(
    panel([title], [among], list.element, html("div", { class: "turn" }, html("p", { class: "heading" }, "Your turn"), turn)),
    panel(["the same words, laid flat", aimed], [kept], map.element));

  let run;
  card.standardButtons(() => ({
    caption: `${title.textContent}, ${among.textContent}`, columns: ["", "cosine", "distance", "distance as drawn"],
    rows: run.rows.map(({ word, likeness, apart, drawn }) => [word, fixed(likeness), fixed(apart), fixed(drawn)]),
  }));

  // What is known about the question, or null while the answer is on its way.
  function answer() {
    const asked = question();
    if (memory.own.size === words.length) return memory.alone(asked);
    if (same(card.get("asked"), asked)) {
      clearTimeout(card.timers.answer);
      if (orphaned) card.alert(""); // it was only busy
      orphaned = false;
      return memory.told(words.length);
    }
    const prepared = asked.every((word) => memory.own.has(word));
    if (orphaned && prepared) return memory.alone(asked);
    card.later("answer", PATIENCE, () => giveUp(asked.find((word) => !memory.own.has(word))));
    return null;
  }

  function giveUp(unprepared) {
    orphaned = true;
    if (unprepared === undefined) return redraw();
    const { question: before } = run;
    if (before.length === 1) card.set("word", before[0]);
    else card.set("inputs", before);
    card.set("show", before.length === 1 ? "neighbours" : "analogy");
    card.alert(notPrepared(unprepared));
  }

  function compute({ vectors, order, count }) {
    const asked = question();
    const target = targetOf(asked.map((word) => vectors.get(word)));
    const leftOut = asked.length === 1 || card.get("exclude") ? asked : [];
    const chosen = order.filter((word) => !leftOut.includes(word)).slice(0, card.get("k"));
    const names = [...new Set([...asked, ...chosen])];
    const { flat, share } = principalPlane(names.map((word) => vectors.get(word)));
    const place = new Map(names.map((word, i) => [word, flat[i]]));
    const aim = targetOf(asked.map((word) => place.get(word)));
    const rows = chosen.map((word) => {
      const vector = vectors.get(word);
      return { word, vector, kind: asked.includes(word) ? "query" : "plain", likeness: cosine(target, vector), apart: distance(target, vector), drawn: distance(aim, place.get(word)) };
    });
    return { question: asked, target, rows, names, place, aim, share, count };
  }

  function spelled({ question: asked, target, share }, { word, vector, likeness, apart, drawn }) {
    const [a, b, c] = asked;
    const from = asked.length === 1 ? [[a, "query"]] : ["(", [b, "query"], " − ", [a, "query"], " + ", [c, "query"], ")"];
    const products = [0, 1, 2].slice(0, vector.length).map((i) => `(${fixed(target[i])})(${fixed(vector[i])})`).join(" + ");
    const more = vector.length > 3 ? ` + … (${vector.length} products)` : "";
    const reckoned = rounded(dot(target, vector)) / (rounded(norm(target)) * rounded(norm(vector)));
    return [...from, " · ", [word, "word"], ` = ${products}${more} = ${fixed(dot(target, vector))};  ÷ lengths ${fixed(norm(target))} × ${fixed(norm(vector))} ${equality(reckoned, likeness)} cosine `, html("b", {}, fixed(likeness)),
      html("br"), `${fixed(apart)} apart in all ${vector.length} numbers, ${fixed(drawn)} apart in the picture, which keeps ${Math.round(100 * share)}% of the spread of its words`];
  }

  function redraw() {
    const found = answer();
    oneBox.hidden = shows() !== "neighbours";
    threeBoxes.hidden = exclude.hidden = !oneBox.hidden;
    turn.replaceChildren(...phrase(TURN[shows()]));
    [single, ...three].forEach(({ draw }) => draw());
    if (!found) among.textContent = "asking Python …";
    if (!found) return;
    run = compute(found);
    const { question: asked, rows, names, place, aim, share, count } = run;
    const focus = Math.min(card.get("focus"), rows.length - 1);
    const [a, b, c] = asked;
    title.replaceChildren(...(asked.length === 1 ? ["neighbours of ", html("bdi", { class: "query" }, short(a, 20))]
      : ["nearest to ", ...[b, " − ", a, " + ", c].map((part, i) => (i % 2 ? part : html("bdi", { class: "query" }, short(part, 20))))]));
    among.textContent = count === words.length ? `among all ${count.toLocaleString("en")} words; 1 is the same direction`
      : `no kernel answers: among ${count} prepared words only`;
    list.draw(rows, title.textContent);
    const places = names.map((word) => ({ word, at: place.get(word), kind: asked.includes(word) ? "query" : "plain", chosen: word === rows[focus].word }));
    const at = (word) => place.get(word);
    map.draw(places, c === undefined ? null : { at: aim, kind: "output" }, c === undefined ? [] : [[at(a), at(b), "query"], [at(c), aim, "output"]]);
    aimed.hidden = c === undefined;
    kept.textContent = `keeps ${Math.round(100 * share)}% of their spread: near here may be far in truth; a square is ${map.square()} wide`;
    card.spell(spelled(run, rows[focus]));
    card.announce(`${title.textContent}: ${rows[focus].word}, cosine ${fixed(rows[focus].likeness)}`);
  }

  return card.start(redraw);
}

export default { render };
