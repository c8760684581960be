// A model reads a sentence: every head as a small map, one of them (or the mean of several) as lines between words.
import { equality, fixed, rounded } from "./core.js";
import { html, panel, uniqueId } from "./ui.js";
import { Card } from "./card.js";
import { COARSE, HeadGrid, headRows, largestFirst, meanOf, sameHead } from "./heads.js";
import { Links } from "./links.js";

const TOLD = 3; // words in the line below the picture
const MOST_TERMS = 12; // of a mean that is spelled out
const PATIENCE = 3000; // milliseconds until an unanswered sentence is called unanswered
const NO_ANSWER = "Python has not answered: to read a new sentence the model needs a running kernel. Everything else works without one; the picture stays.";
const MARKS = [
  [(token) => token === "[CLS]" || token === "[SEP]", "[CLS] and [SEP] are put before and after every text: no words, but places to rest."],
  [(token) => token.startsWith("##"), "## continues the piece before it: the model's vocabulary does not have the whole word."],
  [(token) => token === "[UNK]", "[UNK]: something that the vocabulary cannot spell at all."],
];

// The sentence box: Enter or the button sends the text to Python, which answers with new numbers or a refusal.
function sentenceBox(card, model) {
  const id = uniqueId("sentences");
  const input = html("input", { type: "text", class: "sentence", dir: "auto", list: id, "aria-label": "sentence", value: model.get("text"),
    onkeydown: (event) => event.key === "Enter" && ask() });
  const button = html("button", { type: "button", onclick: () => ask() }, "read");
  card.left.append(html("label", {}, "sentence ", input), button,
    html("datalist", { id }, ...model.get("sentences").map((value) => html("option", { value }))));
  let shown = model.get("text");

  function ask() {
    waiting(true);
    card.later("answer", PATIENCE, () => answered(NO_ANSWER));
    try {
      model.send({ read: input.value });
    } catch {
      answered(NO_ANSWER); // a page without a kernel cannot even ask
    }
  }

  function waiting(is) {
    button.disabled = is;
    button.textContent = is ? "reading" : "read";
  }

  function answered(refusal) {
    clearTimeout(card.timers.answer);
    waiting(false);
    card.alert(refusal);
  }

  const hear = (message) => typeof message?.refused === "string" && answered(message.refused);
  model.on("msg:custom", hear);
  card.refreshers.push(() => {
    if (model.get("text") !== shown) input.value = shown = model.get("text"); // what is being typed is left alone
  });
  return () => model.off("msg:custom", hear);
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "heads-view", label: "All heads of a model" });
  let forget = () => {};
  if (model.answers) card.choice("text", "sentence", card.get("sentences").map((text) => [text, text])).classList.add("sentence"); // no kernel: a web page
  else if (card.get("reads")) forget = sentenceBox(card, model);
  const number = () => html("output", {});
  const [layerShown, headShown] = [number(), number()];
  card.left.append(html("span", {}, "layer ", layerShown, ", head ", headShown)); // one span: they wrap together

  const chosen = () => [card.get("layer"), card.get("head")];
  function headsOn() {
    const [, nHeads] = card.get("maps").shape;
    if (card.get("show") === "layer") return Array.from({ length: nHeads }, (_, i) => [card.get("layer"), i + 1]);
    return card.get("show") === "several" && card.get("on").length ? card.get("on") : [chosen()];
  }

  function choose([layer, head]) {
    if (layer !== card.get("layer")) card.set("layer", layer);
    if (head !== card.get("head")) card.set("head", head);
  }

  function toggle(head) {
    if (card.get("show") !== "several") return;
    const on = card.get("on");
    const rest = on.filter((one) => !sameHead(one, head));
    if (!rest.length) card.alert("One head has to stay on: there is no mean of nothing.");
    else card.set("on", rest.length < on.length ? rest : [...on, head]);
  }

  const [nLayers, nHeads] = card.get("maps").shape;
  const grid = new HeadGrid([nLayers, nHeads], { chosen, onchoose: choose, ontoggle: toggle });
  function focus() {
    const [side, i] = card.get("focus");
    return [side, Math.min(i, card.get("tokens").length - 1)]; // a shorter text may come while the hand moves
  }
  const links = new Links({ focus, onfocus: (place) => card.set("focus", place) });
  const [what, how, means, marks] = [html("span"), html("span"), html("p"), html("p", { class: "caption" })];
  card.choice("show", "show", [["one", "one head"], ["layer", "the mean of its layer"], ["several", "the mean of those I switch on"]], means)
    .addEventListener("change", () => card.get("on").length || card.set("on", [chosen()]));
  card.picture.classList.add("lines-and-maps");
  card.picture.append(
    panel([what], [["a word", "query"], " on the left listens to ", ["words", "key"], " on the right; width is weight"], links.element),
    panel([`all ${nLayers * nHeads} heads`], [how], grid.element, means, marks));

  let words, shown;
  // What is said of a word: the largest weights that it gives or is given, and the rest.
  function told(side, i) {
    const row = side === "query" ? shown[i] : shown.map((one) => one[i]);
    const largest = largestFirst(row).slice(0, TOLD).filter((j) => row[j] >= 0.005);
    const others = row.reduce((sum, weight, j) => (largest.includes(j) ? sum : sum + weight), 0);
    return { row, largest, others };
  }

  const nameOf = (on) => (on.length === 1 ? `layer ${on[0][0]}, head ${on[0][1]}` : `mean of ${on.length} heads`);
  function describe(side, i) {
    const { row, largest } = told(side, i);
    const list = largest.map((j) => `${words[j]} ${fixed(row[j])}`).join(", ");
    return side === "query" ? `${words[i]} gives ${list}` : `${words[i]} is listened to by ${list || "nobody"}`;
  }

  function spelled(maps, on) {
    const [side, i] = focus();
    const { row, largest, others } = told(side, i);
    const list = largest.flatMap((j, n) => [n ? ", " : "", [words[j], side === "query" ? "key" : "query"], " ", html("b", {}, fixed(row[j]))]);
    const more = words.length - largest.length;
    const line = side === "query"
      ? [`${nameOf(on)}: `, [words[i], "query"], " gives ", ...list, more ? ` and ${fixed(others)} to the other ${more}` : "", "; the row sums to 1"]
      : [`${nameOf(on)}: to `, [words[i], "key"], " listen most ", ...list, `; all ${words.length} together give it ${fixed(others + largest.reduce((sum, j) => sum + row[j], 0), 1)}`];
    if (on.length === 1 || !largest.length) return line;
    const [from, to] = side === "query" ? [i, largest[0]] : [largest[0], i];
    const each = maps.slice(0, MOST_TERMS).map((map) => fixed(map[from][to])).join(" + ") + (maps.length > MOST_TERMS ? " + …" : "");
    const reckoned = maps.reduce((sum, map) => sum + rounded(map[from][to]), 0) / maps.length;
    return [...line, html("br"), [words[from], "query"], " to ", [words[to], "key"], `: (${each}) / ${maps.length} ${equality(reckoned, shown[from][to])} ${fixed(shown[from][to])}`];
  }

  card.standardButtons(() => ({
    caption: `${what.textContent}; row listens to column`, columns: ["", ...words],
    rows: shown.map((row, i) => [words[i], ...row.map((x) => fixed(x))]),
  }));

  const stop = card.start(() => {
    if (words !== card.get("tokens")) {
      words = card.get("tokens");
      links.setWords(words);
      marks.textContent = MARKS.filter(([isOne]) => words.some(isOne)).map(([, sentence]) => sentence).join(" ");
    }
    const [on, several] = [headsOn(), card.get("show") === "several"];
    const maps = on.map((head) => headRows(card.get("maps"), head));
    shown = meanOf(maps);
    [layerShown.textContent, headShown.textContent] = chosen().map(String);
    what.textContent = `who listens to whom: ${nameOf(on)}`;
    how.textContent = "a row per layer, a column per head; " + (several ? "a click or Enter switches a head on or off" : "click, or use the arrow keys") +
      (words.length > COARSE ? "; colours up to each map's largest weight" : "");
    grid.draw(card.get("maps"), chosen(), on);
    links.draw(shown, describe);
    card.spell(spelled(maps, on));
    card.announce(`${nameOf(on)}: ${describe(...focus())}`);
  });
  return () => {
    forget();
    stop();
  };
}

export default { render };
