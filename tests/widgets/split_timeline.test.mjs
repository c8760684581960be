// Windows and the parts they go to, without a browser; tests/test_split_timeline.py compares with Python.
import assert from "node:assert/strict";
import test from "node:test";
import { cutRange, meanAndStd, rowsUsed, windowLeaks, windowParts, windowsThatShare } from "../../helpers/widgets/windows.js";

const settings = { nSteps: 20, length: 3, horizon: 2, cuts: [10, 15], gap: 0, shuffle: false, drop: true, scaler: "train", order: [] };
const changed = (changes) => ({ ...settings, ...changes });

test("a window stays inside its part, or is left out", () => {
  const parts = windowParts(settings);
  assert.deepEqual(parts, { train: [0, 1, 2, 3, 4, 5], validation: [10], test: [15], left: [6, 7, 8, 9, 11, 12, 13, 14] });
  assert.deepEqual(windowLeaks(parts, settings), []);
});

test("kept, the windows that straddle a cut share rows, until the gap is wide enough", () => {
  const counts = [0, 2, 3, 4].map((gap) => {
    const now = changed({ nSteps: 40, cuts: [20, 30], drop: false, gap });
    return windowLeaks(windowParts(now), now).map(([, count]) => count);
  });
  assert.deepEqual(counts, [[4, 4], [2, 2], [1, 1], []]);
});

test("a window uses its inputs and its target, not the rows between", () => {
  assert.deepEqual(rowsUsed([0], changed({ nSteps: 6, horizon: 3 })), [true, true, true, false, false, true]);
  const used = [false, false, false, true, false, false, false];
  assert.deepEqual(windowsThatShare([0, 1, 2], used, { length: 2, horizon: 2 }), [0, 2]);
});

test("shuffled, the shares are those of the cuts, and a gap does not help", () => {
  const order = [7, 2, 11, 0, 9, 4, 14, 5, 1, 12, 3, 15, 8, 6, 13, 10];
  const now = changed({ shuffle: true, order, gap: 0 });
  const parts = windowParts(now);
  assert.deepEqual([parts.train, parts.validation, parts.test, parts.left], [order.slice(0, 8), order.slice(8, 12), order.slice(12), []]);
  assert.ok(windowLeaks(parts, now).length >= 3);
  assert.deepEqual(windowParts({ ...now, gap: 1 }), parts);
});

test("a scaler fitted on everything saw what lies outside train", () => {
  const now = changed({ scaler: "all" });
  assert.deepEqual(windowLeaks(windowParts(now), now), [["rows outside train that the scaler was fitted on", 10, 20]]);
});

test("every part keeps room for one window", () => {
  const now = changed({ nSteps: 40, cuts: [20, 30], gap: 3 });
  assert.deepEqual([cutRange(0, now), cutRange(1, now), cutRange("gap", now)], [[5, 22], [28, 32], [0, 5]]);
  const atTheEnd = { ...now, cuts: [22, 30] };
  assert.equal(windowParts(atTheEnd).validation.length, 1);
});

test("mean and std are the population's; what never changes is not divided by 0", () => {
  assert.deepEqual(meanAndStd([1, 3, 100], [true, true, false]), [2, 1]);
  assert.deepEqual(meanAndStd([4, 4], [true, true]), [4, 1]);
});
