// The arithmetic of a plain recurrent layer, forwards and backwards; helpers.models computes the same in Python.
import { dot, matmul, norm } from "./core.js";

const times = (matrix, vector) => matrix.map((row) => dot(row, vector));

// One cell, with everything in between: the two products, their sum with the bias, the new state and the slope of its tanh.
function rnnCell(x, before, { W_x, W_h, b }) {
  const fromInput = times(W_x, x);
  const fromState = times(W_h, before);
  const sum = b.map((bias, i) => fromInput[i] + fromState[i] + bias);
  const after = sum.map(Math.tanh);
  return { x, before, fromInput, fromState, sum, after, slope: after.map((h) => 1 - h * h) };
}

// The same cell at every step: each gets the state of the one before.
export function unfold(inputs, h0, weights) {
  let h = h0;
  return inputs.map((x) => {
    const cell = rnnCell(x, h, weights);
    h = cell.after;
    return cell;
  });
}

// |d h_T / d x_t| for every step t, from the last one back: each cell multiplies by its slopes and by W_h. Without the
// slopes, what the matrices alone would do.
export function gradientNorms(cells, { W_x, W_h, b }, withSlopes = true) {
  let jacobian = b.map((_, i) => b.map((_, j) => Number(i === j))); // d h_T / d h_t, for t = T
  const norms = [];
  for (const { slope } of [...cells].reverse()) {
    const beforeTanh = withSlopes ? jacobian.map((row) => row.map((x, i) => x * slope[i])) : jacobian;
    norms.unshift(norm(matmul(beforeTanh, W_x).flat()));
    jacobian = matmul(beforeTanh, W_h);
  }
  return norms;
}
