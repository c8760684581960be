// Words as vectors in the browser: likeness, the flat picture, spellings.
import assert from "node:assert/strict";
import test from "node:test";
import { cosine, distance, editDistance, fourthCorner, nearSpellings, principalPlane, ranked } from "../../helpers/widgets/similar.js";

const close = (actual, expected, tolerance = 1e-9) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

test("cosine knows the angle and not the length", () => {
  close(cosine([2, 0], [5, 0]), 1);
  close(cosine([1, 0], [0, 3]), 0);
  close(cosine([1, 1], [-2, -2]), -1);
  close(distance([1, 2], [4, 6]), 5);
});

test("the fourth corner is b - a + c", () => {
  assert.deepEqual(fourthCorner([1, 0], [1, 2], [3, 0]), [3, 2]);
});

test("rows are ranked from the most alike to the least", () => {
  const order = ranked([1, 0.1], [[0, 1], [-1, 0], [9, 0], [1, 1]]);
  assert.deepEqual(order.map(([row]) => row), [2, 3, 0, 1]);
});

test("a flat picture keeps what is flat, and says what it loses", () => {
  const { flat, share } = principalPlane([[0, 0, 7], [4, 0, 7], [0, 3, 7], [4, 3, 7]]);
  close(share, 1);
  close(distance(flat[0], flat[3]), 5);
  close(distance(flat[0], flat[1]), 4);
  const corners = principalPlane([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]);
  close(corners.share, 2 / 3); // three directions, all alike
  close(principalPlane([[0, 0], [1, 2], [2, 4]]).share, 1); // on one line
});

test("equal points have no spread, and no NaN", () => {
  const { flat, share } = principalPlane([[1, 2], [1, 2], [1, 2]]);
  assert.deepEqual(flat.flat().map(Math.abs), [0, 0, 0, 0, 0, 0]);
  assert.equal(share, 0);
});

test("edit distance counts letters changed, added and taken away", () => {
  for (const [one, other, letters] of [["king", "king", 0], ["king", "ring", 1], ["king", "kings", 1], ["kign", "king", 2], ["", "ab", 2]]) {
    assert.equal(editDistance(one, other, 2), letters);
    assert.equal(editDistance(other, one, 2), letters);
  }
  assert.equal(editDistance("king", "queen", 2), Infinity);
  assert.equal(editDistance("abc", "xyz", 2), Infinity);
});

test("near spellings come by distance, then by their place in the table", () => {
  const words = ["the", "paris", "parish", "pairs", "harris", "queen"];
  assert.deepEqual(nearSpellings("parris", words), ["paris", "harris", "parish"]);
  assert.deepEqual(nearSpellings("zzz", words), []);
  assert.deepEqual(nearSpellings("teh", ["the", "he", "ten"]), ["ten"]); // a short text must be near
});
