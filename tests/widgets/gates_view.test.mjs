// Holding gates and letting them go, without a browser.
import assert from "node:assert/strict";
import test from "node:test";
import { heldIn, movedBy, pressed, termsOf, unfoldGates } from "../../helpers/widgets/gates.js";

const LSTM = { kind: "lstm", drive: [[0, 1, 2, -1], [1, 0, -1, 0], [0, 0, 1, 2]], W_h: [[0.5], [-1], [1], [0.2]], b_h: [0, 0, 0, 0], h: [0], c: [1] };
const GRU = { kind: "gru", drive: [[0, 1, 2], [1, -1, 0]], W_h: [[0.5], [-1], [1]], b_h: [0.1, 0.2, 0.3], h: [0.5], c: [0] };
const close = (actual, expected) => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

test("a step of an LSTM by hand", () => {
  const [first] = unfoldGates(LSTM);
  const c = sigmoid(1) * 1 + sigmoid(0) * Math.tanh(2);
  close(first.cell_state[0], c);
  close(first.hidden[0], sigmoid(-1) * Math.tanh(c));
});

test("a step of a GRU by hand: the reset gate acts after the product, its bias included", () => {
  const [first] = unfoldGates(GRU);
  const n = Math.tanh(2 + sigmoid(0 + 0.25 + 0.1) * (0.5 + 0.3));
  const z = sigmoid(1 - 0.5 + 0.2);
  close(first.hidden[0], (1 - z) * n + z * 0.5);
  assert.deepEqual(termsOf("gru", first, "candidate", 0), { input: 2, state: 0.8, scale: first.reset_gate[0] });
});

test("a held gate changes the states from there on and only from there on", () => {
  const forgets = unfoldGates(LSTM, heldIn([[1, "forget_gate", -1, 0]]));
  const moved = movedBy(forgets, unfoldGates(LSTM));
  assert.equal(moved[0], 0);
  assert.ok(moved[1] > 0 && moved[2] > 0);
  close(forgets[1].cell_state[0], forgets[1].input_gate[0] * forgets[1].candidate[0]);
});

test("an update gate held open keeps the state exactly", () => {
  const [first, second] = unfoldGates(GRU, heldIn([[1, "update_gate", 0, 1]]));
  assert.deepEqual(second.hidden, first.hidden);
});

test("pressing goes round: free, 0, 1, free", () => {
  let held = [[0, "input_gate", -1, 1]];
  for (const expected of [0, 1, undefined, 0]) {
    held = pressed(held, 2, "forget_gate", 3, true);
    assert.equal(heldIn(held)(2, "forget_gate", 0), expected);
    assert.equal(heldIn(held)(0, "input_gate", 5), 1);
  }
});

test("one unit goes before all units, and all units take its place", () => {
  const one = pressed([[2, "forget_gate", -1, 0]], 2, "forget_gate", 1, false);
  assert.equal(heldIn(one)(2, "forget_gate", 1), 1);
  assert.equal(heldIn(one)(2, "forget_gate", 0), 0);
  const all = pressed(one, 2, "forget_gate", 0, true);
  assert.deepEqual(all, [[2, "forget_gate", -1, 1]]);
});
