// Runs attention cases given as JSON on standard input through core.js; tests/test_widgets.py compares with Python.
import { readFileSync } from "node:fs";
import { attention, causalMask } from "../../helpers/widgets/core.js";

const run = ({ query, key, value, ...settings }) => attention(query, key, value, settings);
const { cases, sizes } = JSON.parse(readFileSync(0, "utf8"));
const masks = sizes.map((n) => causalMask(n, n));
// JSON has no -Infinity: null stands for it.
console.log(JSON.stringify({ results: cases.map(run), masks }));
