// Where the labels of a plane go, without a browser.
import assert from "node:assert/strict";
import test from "node:test";
import { placeLabels } from "../../helpers/widgets/plane.js";

const WIDTH = 42;
const HALF_LINE = 7;
const tipsAt = (...places) => places.map((at) => ({ at, width: WIDTH, radius: 5 }));
const distance = ([x, y], [px, py]) => Math.hypot(Math.max(0, Math.abs(px - x) - WIDTH / 2), Math.max(0, Math.abs(py - y) - HALF_LINE));

const CROWDS = {
  "two pairs at the edge": [[231, 153], [88, 119], [265, 154], [265, 142], [108, 98], [100, 126]],
  "a row": [[60, 150], [85, 150], [110, 150], [135, 150]],
  "outputs that nearly meet": [[152, 111], [157, 116], [181, 191]],
};

for (const [name, places] of Object.entries(CROWDS)) {
  test(`each label is nearest to its own dot, on no dot, and apart from the others: ${name}`, () => {
    const labels = placeLabels(tipsAt(...places), []);
    labels.forEach((label, i) => {
      const away = places.map((place) => distance(label, place));
      assert.equal(Math.min(...away), away[i], `label ${i} is nearest to dot ${away.indexOf(Math.min(...away))}`);
      assert.ok(Math.min(...away) >= 5, `label ${i} lies on a dot`);
      for (const [x, y] of labels.slice(0, i)) assert.ok(Math.abs(x - label[0]) >= WIDTH || Math.abs(y - label[1]) >= 18);
    });
  });
}
