// A plain recurrent layer in the browser, on numbers small enough for paper.
import assert from "node:assert/strict";
import test from "node:test";
import { gradientNorms, unfold } from "../../helpers/widgets/through_time.js";

const near = (got, expected) => assert.ok(Math.abs(got - expected) < 1e-9, `${got} is not ${expected}`);
const ONE = { W_x: [[2]], W_h: [[3]], b: [0.5] };

test("a cell adds two products and the bias, and squeezes once", () => {
  const [cell] = unfold([[0.25]], [-0.5], ONE);
  assert.deepEqual([cell.fromInput, cell.fromState, cell.sum], [[0.5], [-1.5], [-0.5]]);
  near(cell.after[0], Math.tanh(-0.5));
  near(cell.slope[0], 1 - Math.tanh(-0.5) ** 2);
});

test("each step gets the state of the one before", () => {
  const cells = unfold([[1], [0], [0]], [0], ONE);
  assert.deepEqual(cells.map(({ before }) => before), [[0], cells[0].after, cells[1].after]);
});

test("weights are stored (out, in)", () => {
  const [{ fromInput, fromState }] = unfold([[1, 0, 0]], [1, 0], { W_x: [[1, 2, 3], [4, 5, 6]], W_h: [[7, 8], [9, 10]], b: [0, 0] });
  assert.deepEqual([fromInput, fromState], [[1, 4], [7, 9]]);
});

test("each step back multiplies by W_h and by the slope of the tanh", () => {
  const cells = unfold([[0.1], [0.2], [-0.3]], [0.4], ONE);
  const [a, b, c] = cells.map(({ slope }) => slope[0]);
  const norms = gradientNorms(cells, ONE);
  [2 * a * 3 * b * 3 * c, 2 * b * 3 * c, 2 * c].forEach((expected, t) => near(norms[t], expected));
  assert.deepEqual(gradientNorms(cells, ONE, false), [18, 6, 2]);
});

test("the size counts all units and all inputs", () => {
  const weights = { W_x: [[3, 0], [0, 4]], W_h: [[0, 0], [0, 0]], b: [0, 0] };
  assert.deepEqual(gradientNorms(unfold([[0, 0], [0, 0]], [0, 0], weights), weights), [0, 5]);
});
