// Runs masks given as JSON on standard input through masks.js; tests/test_dependency_view.py compares with Python.
import { readFileSync } from "node:fs";
import { blocksNeeded, presetMask } from "../../helpers/widgets/masks.js";

const { cases, words } = JSON.parse(readFileSync(0, "utf8"));
const names = ["causal", "padding", "neighbours", "one back"];
console.log(JSON.stringify({
  needed: cases.map(({ mask, depth }) => blocksNeeded(mask, depth)),
  presets: words.map((tokens) => Object.fromEntries(names.map((name) => [name, presetMask(name, tokens, tokens)]))),
}));
