// The arithmetic of gated layers: what an LSTM or a GRU does at every step while some of its gates are held.
import { dot } from "./core.js";

// Kind of cell -> its blocks of rows, in the order in which torch stacks them.
export const BLOCKS = {
  gru: ["reset_gate", "update_gate", "candidate"],
  lstm: ["input_gate", "forget_gate", "candidate", "output_gate"],
};

export const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const isGate = (name) => name !== "candidate";

// drive (step, blocks * unit): the input's part of the sums, with the biases that need no state; W_h (blocks * unit, unit);
// b_h: a GRU's bias beside W_h, zeros for an LSTM; h, c: the state before the first step.
// heldAt(step, gate, unit) -> 0 or 1 where that gate is held, otherwise undefined.
// Returns for each step { fromInput, fromState, <gate>, ..., h_before, c_before, cell_state, hidden }, a number per unit each.
export function unfoldGates({ kind, drive, W_h, b_h, h, c }, heldAt = () => undefined) {
  const units = h.map((_, unit) => unit);
  return drive.map((fromInput, t) => {
    const fromState = W_h.map((row, i) => dot(row, h) + b_h[i]);
    const step = { fromInput, fromState, h_before: h, c_before: c };
    BLOCKS[kind].filter(isGate).forEach((gate) => {
      step[gate] = units.map((unit) => heldAt(t, gate, unit) ?? sigmoid(sumOf(kind, step, gate, unit)));
    });
    step.candidate = units.map((unit) => Math.tanh(sumOf(kind, step, "candidate", unit)));
    if (kind === "lstm") {
      step.cell_state = units.map((unit) => step.forget_gate[unit] * c[unit] + step.input_gate[unit] * step.candidate[unit]);
      step.hidden = units.map((unit) => step.output_gate[unit] * Math.tanh(step.cell_state[unit]));
      c = step.cell_state;
    } else {
      step.hidden = units.map((unit) => (1 - step.update_gate[unit]) * step.candidate[unit] + step.update_gate[unit] * h[unit]);
    }
    h = step.hidden;
    return step;
  });
}

// What a sum is made of: input + scale * state. In a GRU's candidate the reset gate holds the state's part back.
export function termsOf(kind, step, block, unit) {
  const i = BLOCKS[kind].indexOf(block) * step.h_before.length + unit;
  const scale = kind === "gru" && block === "candidate" ? step.reset_gate[unit] : 1;
  return { input: step.fromInput[i], state: step.fromState[i], scale };
}

const sumOf = (...place) => {
  const { input, state, scale } = termsOf(...place);
  return input + scale * state;
};

// How far each step's state is from the same step of another run: the largest difference over the units.
export const movedBy = (steps, others) =>
  steps.map(({ hidden }, t) => Math.max(...hidden.map((value, unit) => Math.abs(value - others[t].hidden[unit]))));

// What is held, [[step, gate, unit, value], ...] with unit -1 for all of them: a single unit goes before all units.
export const heldIn = (held) => (t, gate, unit) =>
  (held.find(([a, b, c]) => a === t && b === gate && c === unit) ?? held.find(([a, b, c]) => a === t && b === gate && c === -1))?.[3];

// The same list after one more press: free, held at 0, held at 1, free again.
export function pressed(held, t, gate, unit, allUnits) {
  const next = { 0: 1, 1: undefined }[heldIn(held)(t, gate, unit)];
  const value = heldIn(held)(t, gate, unit) === undefined ? 0 : next;
  const rest = held.filter(([a, b, c]) => !(a === t && b === gate && (allUnits || c === unit)));
  return value === undefined ? rest : [...rest, [t, gate, allUnits ? -1 : unit, value]];
}
