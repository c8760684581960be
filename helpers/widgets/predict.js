// A question with options. Choosing one is the commitment; the answer comes from Python, computed by a later cell.
import { Card } from "./card.js";
import { short } from "./core.js";
import { html, uniqueId } from "./ui.js";

// What stands behind an option once the answer is known: words and a sign, so that colour is never alone.
function markOf(i, said, truth) {
  if (truth === null) return "";
  if (i === truth) return i === said ? "✓ the code agrees with you" : "✓ what the code says";
  return i === said ? "✗ what you said" : "";
}

function render({ model, el }) {
  // Landmarks are told apart by their names, and a page has many predictions.
  const card = new Card({ model, el }, { name: "predict", label: `Predict: ${short(model.get("question"), 80)}` });
  const options = model.get("options");
  const hint = html("span");
  card.left.append(hint);
  card.projectorButton();

  const group = uniqueId("predict"); // radios of one name belong together
  const rows = options.map((text, i) => {
    // Told to Python at once: the next thing the learner does is run the cell below.
    const input = html("input", { type: "radio", name: group, onchange: () => card.set("choice", i, 0) });
    const mark = html("span", { class: "mark" });
    return { input, mark, label: html("label", { class: "option" }, input, html("span", {}, html("bdi", {}, text), mark)) };
  });
  card.picture.append(html("fieldset", { class: "question" },
    html("legend", { class: "heading" }, html("bdi", {}, model.get("question"))), ...rows.map((row) => row.label)));

  return card.start(() => {
    const truth = card.get("truth");
    const said = card.get(truth === null ? "choice" : "said");
    hint.textContent = truth === null ? card.get("prompt") : "Predicted and computed";
    rows.forEach(({ input, mark, label }, i) => {
      input.checked = i === said;
      input.disabled = truth !== null;
      mark.textContent = markOf(i, said, truth);
      label.dataset.mark = mark.textContent.slice(0, 1);
    });
    const line = truth === null
      ? (said === null ? "No answer is wrong yet: choose the one you believe." : ["You say ", html("b", {}, options[said]), ". You may change your mind until the answer is computed."])
      : ["The code says ", html("b", {}, options[truth]), said === null ? "; nothing was predicted. " : ". ", card.get("why")];
    card.spell([line].flat());
    card.announce(card.spelled.textContent);
  });
}

export default { render };
