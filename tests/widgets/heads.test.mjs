// The lines between words and the walk among heads, without a browser.
import assert from "node:assert/strict";
import test from "node:test";
import { largestFirst, meanOf, sameHead } from "../../helpers/widgets/heads.js";
import { LINKS_WIDTH, background, curve, rowHeight, wordAfterKey } from "../../helpers/widgets/links.js";

test("the largest weights come first, and a mean is a mean", () => {
  assert.deepEqual(largestFirst([0.1, 0.7, 0.2]), [1, 2, 0]);
  assert.deepEqual(meanOf([[[1, 0], [0, 1]], [[0, 1], [0, 1]]]), [[0.5, 0.5], [0, 1]]);
  assert.ok(sameHead([3, 9], [3, 9]) && !sameHead([3, 9], [9, 3]));
});

test("a line leaves its row on the left and reaches its row on the right", () => {
  const [x0, y0, x1, y1] = curve(0, 3, 20).match(/M(\S+) (\S+)C.* (\S+) (\S+)$/).slice(1).map(Number);
  assert.deepEqual([y0, y1], [10, 70]);
  assert.ok(x0 > 0 && x1 > x0 && x1 < LINKS_WIDTH);
});

test("lines are gathered by width; weights near nothing get none", () => {
  const paths = background([[1, 0.02], [0.5, 0.5]], 32);
  assert.equal(paths.filter(Boolean).length, 2);
  assert.equal(paths[16], curve(0, 0, 32));
  assert.equal(paths[8], curve(1, 0, 32) + curve(1, 1, 32));
});

test("rows stand closer in longer texts", () => {
  assert.ok(rowHeight(3) > rowHeight(14) && rowHeight(14) > rowHeight(60));
});

test("keys walk the words and change sides, and stop at the ends", () => {
  assert.deepEqual(wordAfterKey("ArrowDown", ["query", 1], 3), ["query", 2]);
  assert.deepEqual(wordAfterKey("ArrowDown", ["query", 2], 3), ["query", 2]);
  assert.deepEqual(wordAfterKey("ArrowUp", ["key", 0], 3), ["key", 0]);
  assert.deepEqual(wordAfterKey("ArrowRight", ["query", 1], 3), ["key", 1]);
  assert.deepEqual(wordAfterKey("ArrowLeft", ["key", 1], 3), ["query", 1]);
  assert.deepEqual(wordAfterKey("End", ["key", 0], 3), ["key", 2]);
  assert.equal(wordAfterKey("b", ["query", 0], 3), null);
});
