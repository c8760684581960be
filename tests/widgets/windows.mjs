// Runs cases given as JSON on standard input through windows.js; tests/test_split_timeline.py compares with Python.
import { readFileSync } from "node:fs";
import { cutRange, meanAndStd, rowsUsed, windowLeaks, windowParts } from "../../helpers/widgets/windows.js";

const run = ({ x, ...settings }) => {
  const parts = windowParts(settings);
  const learnt = settings.scaler === "all" ? x.map(() => true) : rowsUsed(parts.train, settings);
  return { parts, leaks: windowLeaks(parts, settings), scaler: meanAndStd(x, learnt), ranges: [0, 1, "gap"].map((which) => cutRange(which, settings)) };
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(run)));
