// Patches without a browser; tests/test_patch_slicer.py compares with Python.
import assert from "node:assert/strict";
import test from "node:test";
import { cutPatches, heapOrder, joinPatches, numberOf, patchCosts, pixelOf, sequenceOrder } from "../../helpers/widgets/patches.js";

const image = [[[11, 12, 13, 14], [21, 22, 23, 24], [31, 32, 33, 34], [41, 42, 43, 44]]];

test("patches come row by row, and inside a patch row by row", () => {
  const { rows, columns, vectors } = cutPatches(image, 2);
  assert.deepEqual([rows, columns], [2, 2]);
  assert.deepEqual(vectors, [[11, 12, 21, 22], [13, 14, 23, 24], [31, 32, 41, 42], [33, 34, 43, 44]]);
  assert.deepEqual(joinPatches(vectors, 2, 2), image);
});

test("a colour image has its channels one after another", () => {
  const coloured = [0, 100, 200].map((start) => [0, 1].map((y) => [0, 1, 2, 3].map((x) => start + 10 * y + x)));
  const { columns, vectors } = cutPatches(coloured, 2);
  assert.deepEqual(vectors[1], [2, 3, 12, 13, 102, 103, 112, 113, 202, 203, 212, 213]);
  assert.deepEqual(joinPatches(vectors, 2, columns), coloured);
});

test("numbers and pixels name each other", () => {
  assert.deepEqual(pixelOf(31, 4), [1, 3, 3]);
  for (let k = 0; k < 48; k++) assert.equal(numberOf(pixelOf(k, 4), 4), k);
});

test("a heap is the same in whatever order its patches come, alike sums included", () => {
  const vectors = [[3, 1], [0, 2], [1, 3], [2, 0], [0, 0]];
  const heap = (order) => heapOrder(order.map((i) => vectors[i])).map((i) => vectors[order[i]]);
  assert.deepEqual(heap([0, 1, 2, 3, 4]), [[0, 0], [0, 2], [2, 0], [1, 3], [3, 1]]);
  assert.deepEqual(heap([2, 4, 0, 3, 1]), heap([0, 1, 2, 3, 4]));
});

test("shuffled, every place comes once, in the order drawn", () => {
  assert.deepEqual(sequenceOrder([5, 2, 0, 4, 1, 3], 3, true), [2, 0, 1]);
  assert.deepEqual(sequenceOrder([5, 2, 0, 4, 1, 3], 3, false), [0, 1, 2]);
});

test("half the patch, four times the patches, sixteen times the pairs", () => {
  const costs = patchCosts([3, 8, 12]);
  assert.deepEqual(costs.map(({ patch }) => patch), [1, 2, 4]);
  assert.deepEqual(costs[2], { patch: 4, n: 6, pairs: 36, numbers: 48 });
  assert.equal(costs[1].pairs, 16 * costs[2].pairs);
});
