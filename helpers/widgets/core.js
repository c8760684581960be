// The arithmetic of the widgets: numbers in, numbers out, no document. Matrices are arrays of rows.
// helpers.models computes the same in Python; tests/widgets holds the two together.

export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const norm = (a) => Math.sqrt(dot(a, a));
export const transpose = (m) => (m.length ? m[0].map((_, j) => m.map((row) => row[j])) : []);

// (rows, inner) times (inner, columns) -> (rows, columns)
export function matmul(a, b) {
  const columns = transpose(b);
  return a.map((row) => columns.map((column) => dot(row, column)));
}

// x @ W.T: weights are stored as torch stores them, (out, in).
export const linear = (x, weight) => x.map((row) => weight.map((w) => dot(row, w)));

// One row of scores -> weights that sum to 1; the largest score is subtracted so that exp never overflows.
export function softmax(scores) {
  const largest = Math.max(...scores);
  const exponentials = scores.map((s) => Math.exp(s - largest));
  const total = exponentials.reduce((sum, e) => sum + e, 0);
  return exponentials.map((e) => e / total);
}

// Scaled dot-product attention with two knobs. scores are what enters the softmax: masked entries are -Infinity.
export function attention(query, key, value, { mask = null, scale = true, temperature = 1 } = {}) {
  const divisor = (scale ? Math.sqrt(query[0].length) : 1) * temperature;
  const scores = query.map((q, i) =>
    key.map((k, j) => (mask && !mask[i][j] ? -Infinity : dot(q, k) / divisor)),
  );
  const weights = scores.map(softmax);
  const outputs = value ? matmul(weights, value) : null;
  return { scores, weights, outputs };
}

export const noMask = (rows, columns) => Array.from({ length: rows }, () => Array(columns).fill(1));

// Position i may look at itself and back; with more keys than queries, as if the queries were the last ones.
export const causalMask = (rows, columns) =>
  noMask(rows, columns).map((row, i) => row.map((_, j) => (j <= i + Math.max(0, columns - rows) ? 1 : 0)));

// Nobody may look at the last `padding` keys; the first key stays, whatever comes.
export const paddingMask = (rows, columns, padding) =>
  noMask(rows, columns).map((row) => row.map((_, j) => (j === 0 || j < columns - padding ? 1 : 0)));

// Toggle one cell; null if that would leave the row with nothing to attend to.
export function toggleMask(mask, i, j) {
  const changed = mask.map((row) => [...row]);
  changed[i][j] = mask[i][j] ? 0 : 1;
  return changed[i].some(Boolean) ? changed : null;
}

// The convex hull of points in the plane, counter-clockwise (Andrew's monotone chain).
export function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (list) => {
    const chain = [];
    for (const p of list) {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), p) <= 0) chain.pop();
      chain.push(p);
    }
    return chain.slice(0, -1);
  };
  return sorted.length < 3 ? sorted : [...half(sorted), ...half(sorted.reverse())];
}

// An array from Python, {shape, data: little-endian float32}, -> nested rows. The DataView may be unaligned: read it value
// by value. Rows that are already nested (set from JavaScript) pass through.
export function toRows(array) {
  if (!array || Array.isArray(array)) return array ?? null;
  const { shape, data } = array;
  const view = new DataView(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
  let offset = 0;
  const read = ([size, ...inner]) =>
    Array.from({ length: size }, () => (inner.length ? read(inner) : view.getFloat32(4 * offset++, true)));
  return read(shape);
}

// Nested rows -> the same form back, so that Python finds exactly what it would send and need not answer.
export function fromRows(rows) {
  const view = new DataView(new ArrayBuffer(4 * rows.length * rows[0].length));
  rows.flat().forEach((x, i) => view.setFloat32(4 * i, x, true));
  return { shape: [rows.length, rows[0].length], data: view };
}

// Two decimals, no negative zero; minus infinity as a sign.
export function fixed(x, digits = 2) {
  if (x === -Infinity) return "-∞";
  if (x === Infinity) return "∞";
  const text = x.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

// The two decimals that a reader reckons with, and the sign before a result, a number or a vector: "≈" where they lead elsewhere.
export const rounded = (x) => Number(x.toFixed(2));
export const equality = (reckoned, result) =>
  [reckoned].flat().every((x, i) => Math.abs(x - rounded([result].flat()[i])) < 0.005001) ? "=" : "≈";

// A setting with so many decimals, and with more where fewer would show another number: 1.0, but 0.05.
export const exact = (x, digits) => (Number(x.toFixed(digits)) === x ? x.toFixed(digits) : String(Number(x.toPrecision(4))));

// Eleven stops of matplotlib's cividis, readable with every kind of colour vision.
const CIVIDIS = [
  [0, 34, 78], [8, 51, 112], [53, 69, 108], [79, 87, 108], [102, 105, 112], [125, 124, 120],
  [148, 142, 119], [174, 163, 113], [200, 184, 102], [229, 207, 82], [254, 232, 56],
];

// 0..1 -> [red, green, blue]
export function cividis(t) {
  const x = Math.min(1, Math.max(0, Number.isNaN(t) ? 0 : t)) * (CIVIDIS.length - 1);
  const low = Math.min(Math.floor(x), CIVIDIS.length - 2);
  return CIVIDIS[low].map((c, i) => Math.round(c + (x - low) * (CIVIDIS[low + 1][i] - c)));
}

// Relative luminance and contrast ratio, as WCAG 2.2 defines them.
export function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c <= 10.31475 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a, b) {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

// Black or white, whichever reads better; one of the two always reaches 4.5:1.
export const textOn = (rgb) => (contrast(rgb, [255, 255, 255]) >= contrast(rgb, [0, 0, 0]) ? "#ffffff" : "#000000");
export const css = (rgb) => `rgb(${rgb.join(", ")})`;

// Long words are cut where they are drawn, never where they are stored. Cut between code points, not inside one.
export function short(text, most = 12) {
  const letters = [...text];
  return letters.length > most ? letters.slice(0, most - 1).join("") + "…" : text;
}
