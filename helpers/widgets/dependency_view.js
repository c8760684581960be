// Which output can be changed by which input? The mask of one block beside what several blocks in series make of it.
import { noMask, short, toRows, toggleMask } from "./core.js";
import { EM, html, panel, svg } from "./ui.js";
import { Card } from "./card.js";
import { heatmap, widthOf } from "./matrix.js";
import { blocksNeeded, coneOf, presetMask, sameMask, shortestWay } from "./masks.js";

const NAMES = [["none", "no mask"], ["causal", "causal"], ["padding", "padding"], ["neighbours", "neighbours only"], ["one back", "itself and one back"]];
const MOST_DEPTH = 4;
const MOST_WORDS = 12; // with more there is no room for the net, nor for all names in a sentence
const ROW = 52; // height of a block in the net

const count = (n) => `${n} block${n === 1 ? "" : "s"}`;
const listed = (names) => (names.length > MOST_WORDS ? `${names.length} words` : names.join(", "));

// Every word at every level, inputs at the bottom, and a line wherever a block lets something through.
class Net {
  constructor(words) {
    this.words = words;
    this.step = Math.min(96, Math.max(56, ...words.map((word) => widthOf(word) + 14)));
    this.element = html("div", { class: "scroller" });
  }

  draw({ mask, depth, cone, way, output }) {
    const { words, step } = this;
    const [x, y] = [(j) => (j + 0.5) * step, (level) => 34 + (depth - level) * ROW];
    const line = (level, i, j) => `M${x(j)} ${y(level)}L${x(i)} ${y(level + 1)}`;
    const [through, inCone] = [[], []];
    for (let level = 0; level < depth; level++) {
      mask.forEach((row, i) => row.forEach((allowed, j) => {
        if (allowed || i === j) (cone[level + 1].has(i) ? inCone : through).push(line(level, i, j));
      }));
    }
    const climbed = way && way.length <= depth + 1 ? Array.from({ length: depth }, (_, level) => line(level, way[level + 1] ?? output, way[level] ?? output)) : [];
    const dots = cone.flatMap((level, l) => words.map((_, j) =>
      svg("circle", { cx: x(j), cy: y(l), r: level.has(j) ? 6 : 4.5, class: level.has(j) ? "mark" : "mark hollow" })));
    const word = (text, j, height, kind) => svg("text", { x: x(j), y: height, class: kind, "font-size": 15, "font-weight": 650, "text-anchor": "middle" }, short(text, 10));
    const [width, height] = [words.length * step, y(0) + 34];
    this.element.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", style: `width: ${width / EM}em; min-width: ${(0.75 * width) / EM}em` },
      svg("path", { class: "through", d: through.join("") }), svg("path", { class: "through cone", d: inCone.join("") }),
      svg("path", { class: "through way", d: climbed.join("") }), ...dots,
      svg("circle", { cx: x(output), cy: y(depth), r: 8, class: "spot output" }),
      ...words.map((text, j) => word(text, j, y(0) + 28, "")), ...words.map((text, j) => word(text, j, 16, "output"))));
  }
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "dependency-view", label: "Which output depends on which input" });
  const words = card.get("tokens");
  const preset = (name) => presetMask(name, words, words);
  const mask = html("select", { onchange: () => (mask.value === "yours" ? (editing.checked = true) : card.set("allowed", preset(mask.value))) },
    ...[...NAMES, ["yours", "your own"]].map(([value, text]) => html("option", { value }, text)));
  const editing = html("input", { type: "checkbox" });
  card.left.append(html("label", {}, "mask of each block", mask), html("label", {}, editing, "click edits the mask"));
  card.slider("depth", { label: "blocks", min: 1, max: MOST_DEPTH, step: 1, digits: 0 });

  function edit(i, j) {
    if (!editing.checked) return;
    const changed = toggleMask(toRows(card.get("allowed")) ?? noMask(words.length, words.length), i, j);
    if (changed) card.set("allowed", changed.every((row) => row.every(Boolean)) ? null : changed);
    else card.alert(`${words[i]} must keep at least one word to listen to: a softmax over nothing would divide by zero.`);
  }

  const matrixOf = (label, onactivate, roles) =>
    heatmap({ rows: words, columns: words, label, roles, selected: () => card.get("focus"), onselect: (i, j) => card.set("focus", [i, j]), onactivate });
  const block = matrixOf("one block: rows may attend to columns", edit);
  const whole = matrixOf("all blocks: outputs can be changed by inputs", null, ["output", "input"]);
  const [heading, through, net] = [html("span"), html("span"), new Net(words)];
  const netPanel = panel([through], ["inputs below, ", ["outputs", "output"], " on top"], net.element);
  card.picture.append(
    panel(["each block: ", ["queries", "query"], " look at ", ["keys", "key"]], ["✓ may attend; hatched: masked"], block.element),
    panel([heading, ": ", ["outputs", "output"], " hear inputs"], ["blocks it takes; hatched: no way"], whole.element),
    netPanel);
  netPanel.hidden = words.length > MOST_WORDS;

  let needed;
  const inputsOf = (i) => words.filter((_, j) => needed[i][j]);
  function changedBy(i) {
    const inputs = inputsOf(i);
    const blind = i < words.length - 1 && !needed[i].slice(i + 1).some(Boolean);
    return (inputs.length === words.length ? "every word" : listed(inputs)) + (blind ? "; by nothing after it" : "");
  }

  // What is said of one cell: the way from the input to the output, or why there is none.
  function reason(i, j, way, depth) {
    if (i === j) return [[words[i], "output"], " begins as its own vector, and the residual connections carry it through."];
    const [from, to] = [html("bdi", {}, short(words[j], 40)), [words[i], "output"]];
    if (needed[i][j]) return ["a way in ", html("b", {}, count(needed[i][j])), ": ", ...way.flatMap((k, n) => [n ? " → " : "", n === way.length - 1 ? to : html("bdi", {}, short(words[k], 40))])];
    return ["no way from ", from, " to ", to, ` through ${count(depth)}; `, way ? `${count(way.length - 1)} would do` : "more blocks would not help"];
  }

  card.standardButtons(() => ({
    caption: `${heading.textContent}: how many blocks it takes (row: output, column: input)`, columns: ["", ...words],
    rows: needed.map((row, i) => [words[i], ...row.map((blocks) => (blocks ? String(blocks) : "no way"))]),
  }));

  return card.start(() => {
    const [allowed, depth, [i, j]] = [toRows(card.get("allowed")), card.get("depth"), card.get("focus")];
    const rows = allowed ?? noMask(words.length, words.length);
    needed = blocksNeeded(rows, depth);
    mask.value = NAMES.find(([name]) => sameMask(allowed, preset(name)))?.[0] ?? "yours";
    heading.textContent = `after ${count(depth)}`;
    through.textContent = `through ${count(depth)}`;
    block.draw({
      values: rows, low: () => 0, high: () => 1, text: () => "✓", barred: (a, b) => !rows[a][b],
      describe: (a, b) => `${words[a]} ${rows[a][b] ? "may" : "may not"} attend to ${words[b]}`,
    });
    whole.draw({
      values: needed.map((row) => row.map((blocks) => 1 + MOST_DEPTH - blocks)), low: () => 0, high: () => MOST_DEPTH, text: (a, b) => String(needed[a][b]), barred: (a, b) => !needed[a][b],
      describe: (a, b) => (needed[a][b] ? `${words[a]} can be changed by ${words[b]}: ${count(needed[a][b])}` : `${words[a]} cannot be changed by ${words[b]}`),
    });
    const way = shortestWay(rows, i, j);
    if (!netPanel.hidden) net.draw({ mask: rows, depth, cone: coneOf(rows, i, depth), way, output: i });
    card.spell([[words[i], "output"], " can be changed by ", changedBy(i), html("br"), ...reason(i, j, way, depth)]);
    card.announce(`${words[i]} can be changed by ${changedBy(i)}`);
  });
}

export default { render };
