// Masks by name, and how far words reach through blocks in series. 1 = may attend; rows are queries, columns are keys.
import { causalMask, noMask, paddingMask } from "./core.js";

// Position i may look at itself, `back` before it and `ahead` after it.
export const windowMask = (n, back, ahead) =>
  noMask(n, n).map((row, i) => row.map((_, j) => (i - back <= j && j <= i + ahead ? 1 : 0)));

// A [PAD] at the end is padding; without one, the last word stands for it. null: no mask.
export function presetMask(name, rows, columns) {
  const trailing = [...columns].reverse().findIndex((word) => word !== "[PAD]");
  const padding = Math.min(columns.length - 1, trailing < 0 ? columns.length : Math.max(1, trailing)); // the first word is real
  if (name === "causal") return causalMask(rows.length, columns.length);
  if (name === "padding") return paddingMask(rows.length, columns.length, padding);
  if (name === "neighbours") return windowMask(rows.length, 1, 1);
  return name === "one back" ? windowMask(rows.length, 1, 0) : null;
}

export const sameMask = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// A block takes each word to those that may attend to it, and to itself by the residual connection.
const oneBlock = (mask) => mask.map((row, i) => row.flatMap((allowed, j) => (allowed || i === j ? [j] : [])));

// How many blocks until input j can reach output i? 0 where even `depth` blocks are too few.
export function blocksNeeded(mask, depth) {
  const sources = oneBlock(mask);
  const needed = mask.map((row) => row.map(() => 0));
  let reached = mask.map((_, i) => new Set([i]));
  for (let block = 1; block <= depth; block++) {
    reached = reached.map((_, i) => new Set(sources[i].flatMap((j) => [...reached[j]])));
    reached.forEach((inputs, i) => inputs.forEach((j) => (needed[i][j] ||= block)));
  }
  return needed;
}

// A shortest way from input j to output i, [j, ..., i]; null where there is none, through however many blocks.
export function shortestWay(mask, i, j) {
  const sources = oneBlock(mask);
  const ways = [[i]];
  const seen = new Set([i]);
  for (const way of ways) {
    if (way[0] === j) return way;
    for (const source of sources[way[0]].filter((one) => !seen.has(one))) {
      seen.add(source);
      ways.push([source, ...way]);
    }
  }
  return null;
}

// The words that matter for output i, level by level: [inputs, after block 1, ..., outputs], each a set of positions.
export function coneOf(mask, i, depth) {
  const sources = oneBlock(mask);
  const levels = [new Set([i])];
  for (let block = 0; block < depth; block++) levels.unshift(new Set([...levels[0]].flatMap((k) => sources[k])));
  return levels;
}
