// Runs cases given as JSON on standard input through patches.js; tests/test_patch_slicer.py compares with Python.
import { readFileSync } from "node:fs";
import { cutPatches, heapOrder, joinPatches, patchCosts, sequenceOrder } from "../../helpers/widgets/patches.js";

const run = ({ image, patch, draw, shuffled, positions }) => {
  const { rows, columns, vectors } = cutPatches(image, patch);
  const places = sequenceOrder(draw, vectors.length, shuffled);
  const patches = places.map((place) => vectors[place]);
  const laid = positions ? patches : heapOrder(patches).map((i) => patches[i]);
  const { n } = patchCosts([image.length, image[0].length, image[0][0].length]).find((cost) => cost.patch === patch);
  return { grid: [rows, columns], n, places, patches, told: joinPatches(laid, patch, columns) };
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(run)));
