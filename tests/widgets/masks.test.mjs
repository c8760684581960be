// How far words reach through blocks: small nets that can be followed with a finger.
import assert from "node:assert/strict";
import test from "node:test";
import { blocksNeeded, coneOf, presetMask, sameMask, shortestWay, windowMask } from "../../helpers/widgets/masks.js";

const WORDS = ["The", "big", "red", "dog", "[PAD]"];
const around = windowMask(5, 1, 1);

test("a window lets each word see itself and its neighbours", () => {
  assert.deepEqual(windowMask(3, 1, 1), [[1, 1, 0], [1, 1, 1], [0, 1, 1]]);
  assert.deepEqual(windowMask(3, 1, 0), [[1, 0, 0], [1, 1, 0], [0, 1, 1]]);
});

test("masks have names, and padding is what stands at the end", () => {
  assert.equal(presetMask("none", WORDS, WORDS), null);
  assert.deepEqual(presetMask("padding", WORDS, WORDS)[0], [1, 1, 1, 1, 0]);
  assert.deepEqual(presetMask("padding", ["a", "b"], ["a", "b"]), [[1, 0], [1, 0]]);
  const all = Array(3).fill("[PAD]");
  assert.deepEqual(presetMask("padding", all, all)[0], [1, 0, 0], "as in Python, the first word is real");
  assert.deepEqual(presetMask("padding", ["[PAD]"], ["[PAD]"]), [[1]]);
  assert.ok(sameMask(presetMask("neighbours", WORDS, WORDS), around) && !sameMask(null, around));
});

test("with every block a word reaches one neighbour further", () => {
  assert.deepEqual(blocksNeeded(around, 1)[0], [1, 1, 0, 0, 0]);
  assert.deepEqual(blocksNeeded(around, 3)[0], [1, 1, 2, 3, 0]);
});

test("the way leads from the input to the output, or there is none", () => {
  assert.deepEqual(shortestWay(around, 3, 0), [0, 1, 2, 3]);
  assert.deepEqual(shortestWay(around, 2, 2), [2]);
  assert.equal(shortestWay(windowMask(5, 1, 0), 0, 3), null);
});

test("a word that may not look at itself is still carried by the residual connection", () => {
  assert.deepEqual(blocksNeeded([[0, 1], [1, 0]], 1), [[1, 1], [1, 1]]);
});

test("the cone opens towards the inputs", () => {
  assert.deepEqual(coneOf(around, 4, 2).map((level) => [...level].sort()), [[2, 3, 4], [3, 4], [4]]);
});
