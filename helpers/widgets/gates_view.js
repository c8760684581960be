// A gated layer reads a text: every gate and state of one unit, all units at a glance, and gates that can be held.
import { equality, fixed, rounded, toRows } from "./core.js";
import { html, panel, phrase } from "./ui.js";
import { Card } from "./card.js";
import { heatmap } from "./matrix.js";
import { BLOCKS, heldIn, movedBy, pressed, sigmoid, termsOf, unfoldGates } from "./gates.js";

const ROWS = { // in the order in which they are computed
  gru: ["reset_gate", "candidate", "update_gate", "hidden", "moved"],
  lstm: ["forget_gate", "input_gate", "candidate", "cell_state", "output_gate", "hidden", "moved"],
};
const NAMES = {
  forget_gate: "forget gate", input_gate: "input gate", output_gate: "output gate", reset_gate: "reset gate",
  update_gate: "update gate", candidate: "candidate", cell_state: "cell c", hidden: "state h", moved: "moved by",
};
const TERMS = ["forget_gate", "input_gate", "output_gate", "update_gate", "candidate", "c_before", "h_before", "cell_state", "hidden"];
const NEUTRAL = "--query: var(--ink); --key: var(--ink)"; // rows and columns play no role of attention here

const signed = (x) => (Number(x.toFixed(2)) < 0 ? `(${fixed(x)})` : fixed(x));
const isHoldable = (kind, row) => BLOCKS[kind].includes(row) && row !== "candidate";

// The parts of the sentence that computes what is in focus, and then the unit's update.
function spellGates(kind, step, row, unit, held, words) {
  const start = [html("b", {}, NAMES[row]), ` of unit ${unit + 1} at “`, [words, "word"], "”: "];
  const [forget, input, output, update, candidate, cBefore, hBefore, c, h] = TERMS.map((name) => step[name]?.[unit]);
  const mixed = (a, x, b, y) => rounded(a) * rounded(x) + rounded(b) * rounded(y);
  const end = kind === "lstm"
    ? [`c = forget · c before + input · candidate = ${fixed(forget)} · ${signed(cBefore)} + ${fixed(input)} · ${signed(candidate)} ${equality(mixed(forget, cBefore, input, candidate), c)} `,
      html("b", {}, fixed(c)), `;  h = output · tanh(c) = ${fixed(output)} · ${signed(Math.tanh(c))} ${equality(rounded(output) * rounded(Math.tanh(c)), h)} `]
    : [`h = (1 − update) · candidate + update · h before = ${fixed(1 - update)} · ${signed(candidate)} + ${fixed(update)} · ${signed(hBefore)} ${equality(mixed(1 - update, candidate, update, hBefore), h)} `];
  const last = [...end, html("b", {}, fixed(h))];
  if (!BLOCKS[kind].includes(row)) return [...start, ...last];
  if (held !== undefined) return [...start, `held at ${held}`, html("br"), ...last];
  const { input: own, state, scale } = termsOf(kind, step, row, unit);
  const fromState = kind === "gru" && row === "candidate" ? `reset ${fixed(scale)} · ${signed(state)}` : signed(state);
  const [squeeze, squeezed] = row === "candidate" ? ["tanh", Math.tanh] : ["sigmoid", sigmoid];
  const equals = equality(squeezed(rounded(own) + rounded(scale) * rounded(state)), step[row][unit]);
  return [...start, `${squeeze}(${fixed(own)} from the input + ${fromState} from the state) ${equals} `, html("b", {}, fixed(step[row][unit])), html("br"), ...last];
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "gates-view", label: "The gates of a recurrent layer" });
  const words = model.get("tokens");
  const kind = model.get("kind");
  const rows = ROWS[kind];
  const layer = { kind, ...Object.fromEntries(["drive", "W_h", "b_h", "h", "c"].map((name) => [name, toRows(model.get(name))])) };
  const units = layer.h.map((_, unit) => `unit ${unit + 1}`);
  const free = unfoldGates(layer);
  let run, moved;

  const shown = card.choice("show", "all units:", rows.slice(0, -1).map((row) => [row, NAMES[row]]));
  card.checkbox("all_units", "hold all units at once");
  const selected = () => [rows.indexOf(card.get("part")), card.get("focus")[0]];
  const select = (i, t) => {
    if (rows[i] !== card.get("part")) card.set("part", rows[i]);
    card.set("focus", [t, card.get("focus")[1]]);
  };
  const hold = (i, t) => {
    if (!isHoldable(kind, rows[i])) return card.alert(`Only gates can be held; “${NAMES[rows[i]]}” follows from them.`);
    card.set("held", pressed(card.get("held"), t, rows[i], card.get("focus")[1], card.get("all_units")));
  };
  const one = heatmap({ rows: rows.map((row) => NAMES[row]), columns: words, label: "one unit, step by step", selected, onselect: select, onactivate: hold });
  const all = heatmap({ rows: units, columns: words, label: "all units, step by step", selected: () => card.get("focus").toReversed(), onselect: (unit, t) => card.set("focus", [t, unit]) });

  const which = html("span");
  const what = html("span");
  const turn = html("div", { class: "panel turn" }, html("p", { class: "heading" }, "Your turn"),
    ...phrase([`Hold the ${kind === "lstm" ? "forget gate at 0" : "update gate at 0, so that nothing is kept,"} in the middle of the text. What is forgotten? “moved by” says how far the states are from where they would be: before your step, exactly nothing. Does the layer recover?`]));
  card.picture.append(
    panel([which], ["click a gate, or press Enter: held at 0 (=0), held at 1 (=1), free"], html("div", { style: NEUTRAL }, one.element)),
    turn,
    panel([what], ["choose a unit to see its gates"], html("div", { style: NEUTRAL }, all.element)),
  );

  const value = (row, t, unit) => (row === "moved" ? moved[t] : run[t][row][unit]);
  const span = (row) => {
    if (isHoldable(kind, row) || row === "moved") return [0, 1];
    const largest = row === "cell_state" ? Math.max(1, ...run.flatMap((step) => step.cell_state.map(Math.abs))) : 1;
    return [-largest, largest];
  };
  const heldAt = (...place) => heldIn(card.get("held"))(...place);
  // "0" is exactly nothing, "0.00" only nearly so
  const number = (row, t, unit) => (row === "moved" && moved[t] === 0 ? "0" : fixed(value(row, t, unit)));
  const text = (row, t, unit) => (heldAt(t, row, unit) === undefined ? number(row, t, unit) : `=${heldAt(t, row, unit)}`);
  const sentence = (row, t, unit) =>
    row === "moved" ? `at ${words[t]}, step ${t + 1}, the states have moved by up to ${number(row, t)}`
      : `${NAMES[row]} of unit ${unit + 1} at ${words[t]}, step ${t + 1}: ${heldAt(t, row, unit) === undefined ? fixed(value(row, t, unit)) : `held at ${heldAt(t, row, unit)}`}`;

  card.standardButtons(() => ({
    caption: `unit ${card.get("focus")[1] + 1}, step by step`, columns: ["", ...words],
    rows: rows.map((row) => [NAMES[row], ...words.map((_, t) => text(row, t, card.get("focus")[1]))]),
  }));
  card.button("let go", () => card.set("held", []), { "aria-label": "let all gates go" });

  return card.start(() => {
    const [t, unit] = card.get("focus");
    const overview = shown.value;
    run = unfoldGates(layer, heldAt);
    moved = movedBy(run, free);
    which.textContent = `unit ${unit + 1}: its gates and states`;
    what.textContent = `${NAMES[overview]}, all units`;
    one.draw({
      values: rows.map((row) => words.map((_, at) => value(row, at, unit))), low: (i) => span(rows[i])[0], high: (i) => span(rows[i])[1],
      text: (i, at) => text(rows[i], at, unit), barred: () => false, describe: (i, at) => sentence(rows[i], at, unit),
    });
    const [low, high] = span(overview);
    all.draw({
      values: units.map((_, each) => words.map((_, at) => value(overview, at, each))), low: () => low, high: () => high,
      text: (each, at) => text(overview, at, each), barred: () => false, describe: (each, at) => sentence(overview, at, each),
    });
    const row = card.get("part");
    card.spell(spellGates(kind, run[t], row === "moved" ? "hidden" : row, unit, heldAt(t, row, unit), words[t]));
    card.announce(sentence(row, t, unit));
  });
}

export default { render };
