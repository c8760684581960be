// The arithmetic of the widgets, without a browser: node --test tests/widgets/*.test.mjs
import assert from "node:assert/strict";
import test from "node:test";
import * as core from "../../helpers/widgets/core.js";
import { cellAfterKey } from "../../helpers/widgets/matrix.js";

const close = (actual, expected, message) => assert.ok(Math.abs(actual - expected) < 1e-9, message ?? `${actual} is not ${expected}`);
const sum = (row) => row.reduce((total, x) => total + x, 0);

test("softmax of large scores neither overflows nor loses its sum", () => {
  assert.deepEqual(core.softmax([1000, 0]), [1, 0]);
  close(sum(core.softmax([800, 801, 799.5])), 1);
  core.softmax([5, 5, 5, 5]).forEach((weight) => close(weight, 0.25));
  assert.deepEqual(core.softmax([-Infinity, 3]), [0, 1]);
});

test("attention is softmax(q k / sqrt d / temperature) times the values", () => {
  const query = [[1, 2, 0, 1]];
  const key = [[1, 0, 0, 1], [0, 1, 0, 0]];
  const { scores, weights, outputs } = core.attention(query, key, [[10, 0], [0, 10]], { temperature: 0.5 });
  assert.deepEqual(scores, [[2, 2]]);
  assert.deepEqual(weights, [[0.5, 0.5]]);
  assert.deepEqual(outputs, [[5, 5]]);
  assert.deepEqual(core.attention(query, [[1, 1, 0, 0]], null, { scale: false }).scores, [[3]]);
  assert.equal(core.attention(query, key, null).outputs, null);
});

test("a masked key gets weight 0, and the rest sums to 1", () => {
  const x = [[1, 0], [0, 1], [1, 1]];
  const { scores, weights } = core.attention(x, x, null, { mask: core.causalMask(3, 3) });
  assert.equal(scores[0][1], -Infinity);
  assert.deepEqual(weights[0], [1, 0, 0]);
  weights.forEach((row) => close(sum(row), 1));
});

test("masks are 1 where a query may look, and leave every row something", () => {
  assert.deepEqual(core.causalMask(3, 3), [[1, 0, 0], [1, 1, 0], [1, 1, 1]]);
  assert.deepEqual(core.causalMask(2, 4), [[1, 1, 1, 0], [1, 1, 1, 1]]);
  assert.deepEqual(core.causalMask(3, 2), [[1, 0], [1, 1], [1, 1]]);
  assert.deepEqual(core.paddingMask(2, 3, 1), [[1, 1, 0], [1, 1, 0]]);
  assert.deepEqual(core.paddingMask(1, 1, 1), [[1]]);
  assert.deepEqual(core.noMask(1, 2), [[1, 1]]);
});

test("a mask cell toggles in a copy; the last of a row cannot be cleared", () => {
  const mask = [[1, 1], [1, 0]];
  assert.deepEqual(core.toggleMask(mask, 0, 1), [[1, 0], [1, 0]]);
  assert.deepEqual(core.toggleMask(mask, 1, 1), [[1, 1], [1, 1]]);
  assert.equal(core.toggleMask(mask, 1, 0), null);
  assert.deepEqual(mask, [[1, 1], [1, 0]]);
});

test("the hull keeps the corners, in order, and drops what lies inside or on an edge", () => {
  const corners = [[0, 0], [2, 0], [2, 2], [0, 2]];
  assert.deepEqual(core.hull([[1, 1], [2, 2], [0, 2], [1, 0], [0, 0], [2, 0]]), corners);
  assert.equal(core.hull([[0, 0], [1, 1], [2, 2]]).length, 2);
  assert.deepEqual(core.hull([[1, 1]]), [[1, 1]]);
  assert.deepEqual(core.hull([]), []);
});

test("arrays from Python are read where they lie, unaligned and little-endian", () => {
  const numbers = [0.5, -1.25, 3, 1e-3, 7, 8];
  const bytes = new DataView(new ArrayBuffer(25));
  numbers.forEach((x, i) => bytes.setFloat32(1 + 4 * i, x, true));
  const data = new DataView(bytes.buffer, 1, 24);
  const rows = core.toRows({ shape: [2, 3], data });
  assert.deepEqual(rows, [[0.5, -1.25, 3], [Math.fround(1e-3), 7, 8]]);
  assert.deepEqual(core.toRows({ shape: [1, 3, 2], data })[0][2], [7, 8]);
  assert.deepEqual(core.toRows(core.fromRows(rows)), rows);
  assert.deepEqual(core.toRows([[1, 2]]), [[1, 2]]);
  assert.equal(core.toRows(null), null);
});

test("numbers are written with two decimals and without a negative zero", () => {
  const written = [0.005, -0.001, -0.126, 12, -Infinity, Infinity].map((x) => core.fixed(x));
  assert.deepEqual(written, ["0.01", "0.00", "-0.13", "12.00", "-∞", "∞"]);
  assert.equal(core.fixed(1.26, 1), "1.3");
});

test("a setting is never written as another number", () => {
  assert.deepEqual([1, 0.1, 0.05, 12, 0.1 + 0.2].map((x) => core.exact(x, 1)), ["1.0", "0.1", "0.05", "12.0", "0.3"]);
});

test("text on every colour of the ramp reaches a contrast of 4.5", () => {
  const colourOf = { "#ffffff": [255, 255, 255], "#000000": [0, 0, 0] };
  for (let t = 0; t <= 1; t += 1 / 1024) {
    const ground = core.cividis(t);
    const ratio = core.contrast(ground, colourOf[core.textOn(ground)]);
    assert.ok(ratio >= 4.5, `${ratio} at ${t}`);
  }
  close(core.contrast([0, 0, 0], [255, 255, 255]), 21);
});

test("the ramp grows lighter all the way, and stays in range", () => {
  const steps = Array.from({ length: 101 }, (_, i) => core.luminance(core.cividis(i / 100)));
  steps.slice(1).forEach((light, i) => assert.ok(light > steps[i]));
  assert.deepEqual(core.cividis(-3), core.cividis(0));
  assert.deepEqual(core.cividis(7), core.cividis(1));
  assert.deepEqual(core.cividis(NaN), core.cividis(0));
});

test("long words are cut between letters, also where a letter is two units long", () => {
  assert.equal(core.short("attention"), "attention");
  assert.equal(core.short("incomprehensible", 6), "incom…");
  assert.equal(core.short("🙂🙂🙂🙂", 3), "🙂🙂…");
  assert.equal(core.short("x".repeat(10_000)).length, 12);
});

test("linear multiplies with the transposed weight, as torch stores it", () => {
  const x = [[1, 2]];
  const weight = [[1, 0], [3, 4], [0, 1]];
  assert.deepEqual(core.linear(x, weight), [[1, 11, 2]]);
  assert.deepEqual(core.matmul(x, core.transpose(weight)), core.linear(x, weight));
  close(core.norm([3, 4]), 5);
});

test("an equals sign stands only where the rounded numbers lead to the rounded result", () => {
  assert.equal(core.equality(0.5 * 0.81, 0.4056), "="); // 0.405 may be rounded up as well as down
  assert.equal(core.equality(core.rounded(0.4449) * core.rounded(0.4449), 0.4449 ** 2), "≈"); // 0.1936, and shown as 0.20
  assert.equal(core.equality([0.1, 0.2], [0.104, 0.196]), "=");
  assert.equal(core.equality([0.1, 0.2], [0.104, 0.206]), "≈");
  assert.equal(core.rounded(-0.126), -0.13);
});

test("keys lead to the next cell and stop at the border", () => {
  const from = (key, control = false, cell = [1, 1]) => cellAfterKey(key, control, cell, [3, 4]);
  assert.deepEqual(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"].map((key) => from(key)), [[0, 1], [2, 1], [1, 0], [1, 2]]);
  assert.deepEqual([from("Home"), from("End")], [[1, 0], [1, 3]]);
  assert.deepEqual([from("Home", true), from("End", true)], [[0, 0], [2, 3]]);
  assert.deepEqual([from("PageUp"), from("PageDown")], [[0, 1], [2, 1]]);
  assert.deepEqual(from("ArrowDown", false, [2, 3]), [2, 3]);
  assert.deepEqual(from("ArrowLeft", false, [0, 0]), [0, 0]);
  assert.equal(from("b"), null);
});
