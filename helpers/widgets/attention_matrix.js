// Scaled dot-product attention over given queries and keys: every control changes the picture at once.
import { attention, fixed, noMask, toRows, toggleMask } from "./core.js";
import { Card } from "./card.js";
import { html, panel } from "./ui.js";
import { heatmap } from "./matrix.js";
import { presetMask, sameMask } from "./masks.js";
import { spell } from "./spell.js";

const MASKS = [["none", "no mask"], ["causal", "causal"], ["padding", "padding"]];

// From smallest to largest of what is finite in the given rows.
function span(rows) {
  const finite = rows.flat().filter(Number.isFinite);
  return [Math.min(...finite), Math.max(...finite)];
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "attention-matrix", label: "Attention matrix" });
  const words = model.get("tokens");
  const keyWords = model.get("key_tokens");
  const select = (i, j) => card.set("focus", [i, j]);
  const matrixOf = (label, onactivate) =>
    heatmap({ rows: words, columns: keyWords, label, selected: () => card.get("focus"), onselect: select, onactivate });

  card.slider("temperature", { label: "temperature", min: 0.1, max: 5, step: 0.1 });
  card.checkbox("scale", "divide by √d");
  const mask = html("select", { onchange: () => (mask.value === "yours" ? (editing.checked = true) : card.set("allowed", presetMask(mask.value, words, keyWords))) },
    ...[...MASKS, ["yours", "your own"]].map(([value, text]) => html("option", { value }, text)));
  card.left.append(html("label", {}, "mask", mask));
  const editing = html("input", { type: "checkbox" });
  card.left.append(html("label", {}, editing, "click edits the mask"));
  card.choice("show", "show", [["weights", "weights"], ["scores", "scores"]]);
  card.checkbox("per_row", "colour by row");
  card.choice("beside", "beside it", [["nothing", "nothing"], ...MASKS]);

  function edit(i, j) {
    if (!editing.checked) return;
    const changed = toggleMask(toRows(card.get("allowed")) ?? noMask(words.length, keyWords.length), i, j);
    if (changed) card.set("allowed", changed.every((row) => row.every(Boolean)) ? null : changed);
    else card.alert(`${words[i]} must keep at least one word to listen to: a softmax over nothing would divide by zero.`);
  }

  const main = matrixOf("attention, rows listen to columns", edit);
  const second = matrixOf("the same attention under another mask");
  const [caption, secondCaption] = [html("span"), html("span")];
  const secondName = html("span");
  const mainPanel = panel([["queries", "query"], " listen to ", ["keys", "key"]], [caption], main.element);
  const secondPanel = panel(["the same under another mask: ", secondName], [secondCaption], second.element);
  card.picture.append(mainPanel, secondPanel);

  function attend(allowed) {
    const [query, key, value] = ["query", "key", "value"].map((name) => toRows(card.get(name)));
    const settings = { scale: card.get("scale"), temperature: card.get("temperature") };
    return { words, keyWords, query, key, value, ...settings, ...attention(query, key, value, { mask: allowed, ...settings }) };
  }

  const sentence = (run, i, j) =>
    run.scores[i][j] === -Infinity ? `${words[i]} may not attend to ${keyWords[j]}: masked`
      : `${words[i]} attends to ${keyWords[j]}: ${fixed(run[card.get("show")][i][j])}`;

  function paint(matrix, run) {
    const show = card.get("show");
    const values = run[show];
    const whole = show === "weights" ? [0, 1] : span(values);
    const ranges = values.map((row) => (card.get("per_row") ? span([row]) : whole));
    matrix.draw({
      values, low: (i) => ranges[i][0], high: (i) => ranges[i][1], text: (i, j) => fixed(values[i][j]),
      barred: (i, j) => run.scores[i][j] === -Infinity, describe: (i, j) => sentence(run, i, j),
    });
  }

  let current;
  card.standardButtons(() => ({
    caption: `${card.get("show")}: row listens to column`, columns: ["", ...keyWords],
    rows: current[card.get("show")].map((row, i) => [words[i], ...row.map((x) => fixed(x))]),
  }));

  return card.start(() => {
    const allowed = toRows(card.get("allowed"));
    current = attend(allowed);
    mask.value = ["none", "causal", "padding"].find((name) => sameMask(allowed, presetMask(name, words, keyWords))) ?? "yours";
    const weights = card.get("show") === "weights";
    secondCaption.textContent = `row listens to column; ${weights ? "each row sums to 1" : "scores before the softmax"}`;
    caption.textContent = `${secondCaption.textContent}; ` +
      (card.get("per_row") ? "colours from each row's smallest to its largest" : weights ? "colours from 0 to 1" : "colours from smallest to largest");
    paint(main, current);
    const beside = card.get("beside");
    secondPanel.hidden = beside === "nothing";
    if (!secondPanel.hidden) {
      secondName.textContent = MASKS.find(([name]) => name === beside)[1];
      paint(second, attend(presetMask(beside, words, keyWords)));
    }
    const [i, j] = card.get("focus");
    card.spell(spell(current, [i, j]));
    card.announce(sentence(current, i, j));
  });
}

export default { render };
