// Runs gated layers given as JSON on standard input through gates.js; tests/test_gates_view.py compares with Python.
import { readFileSync } from "node:fs";
import { heldIn, movedBy, unfoldGates } from "../../helpers/widgets/gates.js";

const cases = JSON.parse(readFileSync(0, "utf8"));
const run = ({ held, ...layer }) => {
  const steps = unfoldGates(layer, heldIn(held));
  return { steps, moved: movedBy(steps, unfoldGates(layer)) };
};
console.log(JSON.stringify(cases.map(run)));
