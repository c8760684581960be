// Unpacks heads given as JSON on standard input and takes their mean; tests/test_heads_view.py compares with Python.
import { readFileSync } from "node:fs";
import { fixed } from "../../helpers/widgets/core.js";
import { headRows, meanOf } from "../../helpers/widgets/heads.js";

const cases = JSON.parse(readFileSync(0, "utf8"));
const view = (bytes) => new DataView(Uint8Array.from([7, ...bytes]).buffer, 1); // unaligned, as they arrive
console.log(JSON.stringify(cases.map(({ shape, weights, heads }) => {
  const maps = heads.map((head) => headRows({ shape, weights: view(weights) }, head));
  return { maps, written: maps.map((map) => map.map((row) => row.map((x) => fixed(x)))), mean: meanOf(maps) };
})));
