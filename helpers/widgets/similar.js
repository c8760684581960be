// Words as vectors: how alike they are, who is nearest, and the flat picture that keeps most of their spread.
// helpers.models.words computes the same in Python; tests/test_word_map.py holds the two together.
import { dot, matmul, norm, transpose } from "./core.js";

export const cosine = (x, y) => dot(x, y) / (norm(x) * norm(y));
export const distance = (x, y) => norm(x.map((a, i) => a - y[i]));
export const fourthCorner = (a, b, c) => c.map((x, i) => b[i] - a[i] + x);

// The rows of a table from the most alike to the least, as [row, cosine].
export const ranked = (vector, table) => table.map((row, i) => [i, cosine(vector, row)]).sort((a, b) => b[1] - a[1]);

// Points with many numbers -> { flat: points with two, share }: the two directions of the largest spread, and how much of
// it they keep. Few points span few directions, so the products of the points are enough: their largest eigenvectors.
export function principalPlane(points) {
  const means = transpose(points).map((column) => column.reduce((sum, x) => sum + x, 0) / column.length);
  const centred = points.map((point) => point.map((x, i) => x - means[i]));
  const { values, vectors } = eigen(matmul(centred, transpose(centred)));
  const order = values.map((_, i) => i).sort((i, j) => values[j] - values[i]);
  const spread = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const axes = order.slice(0, 2).map((i) => {
    const axis = vectors.map((row) => row[i] * Math.sqrt(Math.max(0, values[i])));
    const farthest = axis.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
    return axis.map((x) => x * Math.sign(farthest));
  });
  const kept = order.slice(0, 2).reduce((sum, i) => sum + Math.max(0, values[i]), 0);
  return { flat: transpose(axes), share: spread > 0 ? kept / spread : 0 };
}

// Eigenvalues and eigenvectors (columns) of a symmetric matrix: Jacobi's rotations, until nothing is left off the diagonal.
function eigen(matrix) {
  const n = matrix.length;
  const m = matrix.map((row) => [...row]);
  const v = m.map((_, i) => m.map((_, j) => (i === j ? 1 : 0)));
  const whole = norm(m.flat());
  for (let sweep = 0; sweep < 60; sweep++) {
    const off = norm(m.flatMap((row, i) => row.slice(i + 1)));
    if (off <= 1e-14 * whole) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) if (m[p][q] !== 0) rotate(m, v, p, q);
  }
  return { values: m.map((row, i) => row[i]), vectors: v };
}

// Turn the axes p and q until m[p][q] is 0.
function rotate(m, v, p, q) {
  const theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of [...m, ...v]) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
  [m[p], m[q]] = [m[p].map((x, i) => c * x - s * m[q][i]), m[p].map((x, i) => s * x + c * m[q][i])];
}

// How many letters must be changed, added or taken away; more than `most` is Infinity.
export function editDistance(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return Infinity;
  let row = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1)));
    }
    if (Math.min(...next) > most) return Infinity;
    row = next;
  }
  return row.at(-1) <= most ? row.at(-1) : Infinity;
}

// The words spelled most like a text, at most two letters off; of equals, those that stand first in the table.
export function nearSpellings(text, words, count = 3) {
  const most = text.length < 4 ? 1 : 2;
  return words.map((word, i) => [editDistance(text, word, most), i]).filter(([off]) => off <= most)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, count).map(([, i]) => words[i]);
}
