// One weight of an attention matrix, computed in words and numbers, in the colours of the roles.
import { dot, equality, exact, fixed, matmul, rounded } from "./core.js";
import { html } from "./ui.js";

const SPELLED_PRODUCTS = 4;
const SPELLED_SCORES = 8;

// "(0.50)(0.81) + ..." up to a few products, then the count.
function products(q, k) {
  const shown = q.slice(0, SPELLED_PRODUCTS).map((x, i) => `(${fixed(x)})(${fixed(k[i])})`).join(" + ");
  return q.length > SPELLED_PRODUCTS ? `${shown} + … (${q.length} products)` : shown;
}

// The parts of the sentence that computes one weight; the last lines continue with the output.
export function spell({ words, keyWords, query, key, value, scores, weights, outputs, scale, temperature }, [i, j]) {
  const start = [[words[i], "query"], " listens to ", [keyWords[j], "key"], ": "];
  if (scores[i][j] === -Infinity) return [...start, "the mask hides this word; its score becomes -∞ and its weight 0.00"];
  const product = dot(query[i], key[j]);
  const width = query[i].length;
  const equals = width > SPELLED_PRODUCTS ? "=" : equality(dot(query[i].map(rounded), key[j].map(rounded)), product);
  const parts = [...start, ["q", "query"], "·", ["k", "key"], ` = ${products(query[i], key[j])} ${equals} ${fixed(product)}`];
  const scaled = scale ? product / Math.sqrt(width) : product;
  if (scale) parts.push(`;  ÷ √${width} ${equality(rounded(product) / Math.sqrt(width), scaled)} ${fixed(scaled)}`);
  if (temperature !== 1) parts.push(`;  ÷ ${exact(temperature, 1)} ${equality(rounded(scaled) / temperature, scores[i][j])} ${fixed(scores[i][j])}`);
  const row = scores[i].length > SPELLED_SCORES ? `a row of ${scores[i].length}` : `[${scores[i].map((s) => fixed(s)).join(", ")}]`;
  parts.push(`;  softmax over ${row} gives `, html("b", {}, fixed(weights[i][j])));
  if (outputs && value[0].length <= 3 && keyWords.length <= 4) {
    const mix = value.map((v, k) => `${fixed(weights[i][k])} (${v.map((x) => fixed(x)).join(", ")})`).join(" + ");
    const [reckoned] = matmul([weights[i].map(rounded)], value.map((v) => v.map(rounded)));
    parts.push(html("br"), ["output", "output"], " of ", [words[i], "query"], ` = ${mix} ${equality(reckoned, outputs[i])} (${outputs[i].map((x) => fixed(x)).join(", ")})`);
  }
  return parts;
}
