// An image cut into patches: the image, the sequence, one patch's vector, and what a model can know of the whole.
import { cividis, css, fixed, textOn, toRows } from "./core.js";
import { html, panel, picture, svg } from "./ui.js";
import { Card } from "./card.js";
import { cutPatches, heapOrder, joinPatches, numberOf, patchCosts, pixelOf, sequenceOrder } from "./patches.js";
import { Plate, gridLines, imageAddress, pixelPicture, tilesAddress } from "./plate.js";

const IMAGE_SIDE = 304; // viewBox units: the longer side of the image
const LINE_WIDTH = 560; // and the width of the sequence and the vector; half of it where there is no room for more
const MOST_TAGS = 64; // patches that fit a number below them
const MOST_WRITTEN = 16; // numbers of a vector that fit on one line
const MOST_WEIGHTS = 64; // patches with room for a weight on them
const CHANNELS = { 1: ["grey"], 3: ["red", "green", "blue"] };
const square = (patch) => `${patch} × ${patch}`;
const counted = (number) => number.toLocaleString("en-US");

// How the numbers of a vector are laid out: all on one line, or whole rows of the patch.
function numbersPerLine(channels, patch, narrow) {
  const all = channels * patch * patch;
  if (all <= (narrow ? MOST_WRITTEN / 2 : MOST_WRITTEN)) return all;
  const fitting = Array.from({ length: narrow ? 8 : 32 }, (_, i) => i + 1).filter((n) => n % patch === 0 && (patch * patch) % n === 0);
  return Math.max(...fitting, patch);
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "patch-slicer", label: "An image as a sequence of patches" });
  const image = toRows(card.get("image"));
  const weights = toRows(card.get("weights"));
  const [channels, height, width] = [image.length, image[0].length, image[0][0].length];
  const names = CHANNELS[channels];
  const scale = IMAGE_SIDE / Math.max(height, width); // viewBox units for a pixel
  const costs = patchCosts([channels, height, width]);
  const imageHref = imageAddress(image);
  let now; // everything that depends on patch size and order, kept while only the focus moves

  const size = html("select", { onchange: () => resize(Number(size.value)) },
    ...card.get("sizes").map((patch) => html("option", { value: patch }, square(patch))));
  card.left.append(html("label", {}, "patch", size));
  card.choice("order", "order", [["rows", "row by row"], ["shuffled", "shuffled"]]);
  card.checkbox("positions", "positions");
  if (weights) {
    const options = (name, from, count) => Array.from({ length: count }, (_, i) => [String(i + from), `${name} ${i + from}`]);
    numberChoice("layer", options("layer", 1, weights.length));
    numberChoice("head", [["0", "mean of heads"], ...options("head", 1, weights[0].length)]);
  }

  function numberChoice(name, options) {
    const input = html("select", { "aria-label": name, onchange: () => card.set(name, Number(input.value)) },
      ...options.map(([value, text]) => html("option", { value }, text)));
    card.left.append(input);
    card.refreshers.push(() => (input.value = String(card.get(name))));
  }

  // Another patch size: the same pixel stays in focus.
  function resize(patch) {
    const [channel, y, x] = pixelInFocus();
    card.set("patch", patch);
    focusPixel(channel, y, x);
  }

  function focus() {
    const [place, number] = card.get("focus");
    const patch = card.get("patch");
    const n = (height / patch) * (width / patch);
    return [Math.min(place, n - 1), Math.min(number, channels * patch ** 2 - 1)]; // Python's echo may come in pieces
  }

  function pixelInFocus() {
    const [place, number] = focus();
    const patch = card.get("patch");
    const [channel, row, column] = pixelOf(number, patch);
    const columns = width / patch;
    return [channel, patch * Math.floor(place / columns) + row, patch * (place % columns) + column];
  }

  const inside = (x, most) => Math.min(most, Math.max(0, Math.floor(x)));
  function focusPixel(channel, y, x) {
    const patch = card.get("patch");
    [y, x] = [inside(y, height - 1), inside(x, width - 1)];
    look(Math.floor(y / patch) * (width / patch) + Math.floor(x / patch), numberOf([channel, y % patch, x % patch], patch));
  }

  function look(place, number) {
    const [oldPlace, oldNumber] = focus();
    if (place !== oldPlace || number !== oldNumber) card.set("focus", [place, number]);
  }

  const whole = new Plate("the image, cut into patches", {
    onmove: ([i, j]) => look(i * now.columns + j, focus()[1]),
    onpixel: ([down, right]) => {
      const [channel, y, x] = pixelInFocus();
      focusPixel(channel, y + down, x + right);
    },
    onpoint: ([x, y]) => focusPixel(pixelInFocus()[0], y / scale, x / scale),
  });
  whole.resize(width * scale, height * scale);
  const pixelBox = svg("g", {}, ...["halo", "pixel"].map((kind) => svg("rect", { class: kind, width: scale, height: scale })));

  const sequence = new Plate("the sequence of patches", {
    onmove: ([i, j]) => look(now.order[Math.min(now.n - 1, i * now.perLine + j)], focus()[1]),
    onpoint: ([x, y]) => {
      const at = inside(y / now.lineHeight, now.lines - 1) * now.perLine + inside(x / now.pitch, now.perLine - 1);
      if (at < now.n) look(now.order[at], focus()[1]);
    },
  });

  const vector = new Plate("the vector of the patch in focus", {
    onmove: ([i, j]) => look(focus()[0], i * now.numbersLine + j),
    onpoint: ([x, y]) => look(focus()[0], inside(y / now.cellHeight, now.vectorLines - 1) * now.numbersLine + inside(x / now.cellWidth, now.numbersLine - 1)),
  });

  const [imageCaption, sequenceName, vectorName, toldCaption, attentionName, attentionCaption] = Array.from({ length: 6 }, () => html("span"));
  const small = () => picture((width * scale * 3) / 4, (height * scale * 3) / 4, { role: "img", viewBox: `0 0 ${width * scale} ${height * scale}` });
  const [told, attention] = [small(), small()];
  const growth = picture(IMAGE_SIDE, 24 * (costs.length + 1), { role: "img" });
  const attentionPanel = panel([attentionName], [attentionCaption], attention);
  vector.element.classList.add("of-numbers");
  attentionPanel.classList.add("slim");
  const turn = html("div", { class: "panel turn" }, html("p", { class: "heading" }, "Your turn"),
    weights ? "Walk over the patches. Do neighbours ask the same places? Choose another layer or a single head: what changes?"
      : "Shuffle the patches: what changes for a model? Now take the positions away and shuffle again. What becomes of n² when the patch is half as wide?");
  card.picture.classList.add("sliced");
  card.picture.append(
    html("div", { class: "stack" }, panel(["the image, cut"], [imageCaption], whole.element), panel(["what a model is told"], [toldCaption], told)),
    html("div", { class: "stack" },
      panel([sequenceName], ["in the order in which a model gets it"], sequence.element),
      panel([vectorName], [`${channels > 1 ? "channel by channel, " : ""}row by row; 0 is black, 1 is white`], vector.element),
      ...(weights ? [attentionPanel] : []),
      panel(["n and n²"], ["n patches, n² pairs that attend; bars: n²"], growth), turn));

  // What depends on patch size and order; drawn again only when they change.
  function arrange() {
    const [patch, order, positions] = ["patch", "order", "positions"].map((name) => card.get(name));
    const narrow = card.room() < LINE_WIDTH;
    const key = `${patch} ${order} ${positions} ${narrow}`;
    if (now?.key === key) return;
    const { rows, columns, vectors } = cutPatches(image, patch);
    const n = vectors.length;
    const [lineWidth, most] = narrow ? [LINE_WIDTH / 2, 8] : [LINE_WIDTH, 16];
    const perLine = n <= MOST_TAGS ? Math.min(n, most) : n <= 216 ? 1.5 * most : 2 * most;
    const numbersLine = numbersPerLine(channels, patch, narrow);
    const vectorLines = vectors[0].length / numbersLine;
    now = { key, patch, rows, columns, vectors, n, perLine, numbersLine, vectorLines, positions,
      order: sequenceOrder(card.get("draw"), n, order === "shuffled"), lines: Math.ceil(n / perLine), pitch: lineWidth / Math.max(perLine, 0.75 * most),
      cellWidth: Math.min(35, lineWidth / numbersLine), cellHeight: vectorLines > 6 ? 16 : 26 };
    now.tags = positions && n <= MOST_TAGS;
    now.lineHeight = now.pitch + (now.tags ? 14 : 0);
    whole.drawn.replaceChildren(pixelPicture(imageHref, width * scale, height * scale), ...gridLines(rows, columns, width * scale, height * scale), pixelBox);
    drawSequence();
    drawTold();
    drawGrowth();
  }

  function drawSequence() {
    const { vectors, order, patch, perLine, lines, pitch, lineHeight, n } = now;
    sequence.resize(perLine * pitch, lines * lineHeight);
    const ordered = order.map((place) => vectors[place]);
    const line = (i) => ordered.slice(i * perLine, (i + 1) * perLine);
    const tiles = Array.from({ length: lines }, (_, i) => {
      const strip = pixelPicture(tilesAddress(line(i), patch, perLine), perLine * pitch, pitch);
      strip.setAttribute("y", i * lineHeight);
      return strip;
    });
    const tag = (_, k) => svg("text", { x: ((k % perLine) + 6 / 14) * pitch, y: Math.floor(k / perLine) * lineHeight + pitch + 7, class: "tick",
      "font-size": 12, "text-anchor": "middle" }, String(k + 1));
    sequence.drawn.replaceChildren(...tiles, ...(now.tags ? Array.from({ length: n }, tag) : []));
    sequenceName.textContent = `a sequence of ${n} patches${card.get("order") === "shuffled" ? ", shuffled" : ""}`;
  }

  function drawTold() {
    const { vectors, order, patch, rows, columns, positions } = now;
    const given = order.map((place) => vectors[place]);
    const laid = positions ? given : heapOrder(given).map((i) => given[i]);
    const address = positions ? imageAddress(joinPatches(laid, patch, columns)) : tilesAddress(laid, patch, columns);
    told.replaceChildren(pixelPicture(address, width * scale, height * scale), ...(positions ? gridLines(rows, columns, width * scale, height * scale) : []));
    const shuffled = card.get("order") === "shuffled";
    const caption = positions ? (shuffled ? "every patch and a place: another picture" : "every patch and its place: the picture")
      : "a heap without places, here from dark to light: the same in any order";
    toldCaption.textContent = caption;
    told.setAttribute("aria-label", caption);
  }

  // A line for each patch size; bars of n² on one scale show how it explodes.
  function drawGrowth() {
    const most = Math.max(...costs.map(({ pairs }) => pairs));
    const text = (x, y, word, bold, anchor = "end") => svg("text", { x, y, "font-size": 14, "text-anchor": anchor, "dominant-baseline": "central", class: bold ? "" : "tick", "font-weight": bold ? 650 : 400 }, word);
    const head = [text(62, 12, "patch"), text(120, 12, "n"), text(218, 12, "n²")];
    const lines = costs.map(({ patch, n, pairs }, i) => {
      const [y, on] = [24 * (i + 1) + 12, patch === now.patch];
      return svg("g", {}, on ? svg("rect", { x: 0, y: y - 11, width: IMAGE_SIDE, height: 22, rx: 4, class: "row-on" }) : null,
        text(62, y, `${on ? "▸ " : ""}${square(patch)}`, on), text(120, y, counted(n), on), text(218, y, counted(pairs), on),
        svg("rect", { x: 226, y: y - 6, width: Math.max(0.8, (76 * pairs) / most), height: 12, class: "length plain" }));
    });
    growth.replaceChildren(...head, ...lines);
    const { n } = now;
    growth.setAttribute("aria-label", `patches of ${square(now.patch)}: n = ${n}, n² = ${counted(n * n)}`);
  }

  function drawVector(values) {
    const { numbersLine, vectorLines, cellWidth, cellHeight } = now;
    const written = cellWidth >= 34;
    vector.resize(numbersLine * cellWidth + (channels > 1 ? 46 : 0), vectorLines * cellHeight);
    const perChannel = now.patch ** 2;
    vector.drawn.replaceChildren(...values.flatMap((value, k) => {
      const [x, y] = [(k % numbersLine) * cellWidth, Math.floor(k / numbersLine) * cellHeight];
      const shade = Array(3).fill(Math.round(255 * value));
      const cell = svg("rect", { x: x + 0.5, y: y + 0.5, width: cellWidth - 1, height: cellHeight - 1, style: `fill: ${css(shade)}`, class: "number" });
      if (!written) return [cell];
      return [cell, svg("text", { x: x + cellWidth / 2, y: y + cellHeight / 2, "font-size": 13, "text-anchor": "middle", "dominant-baseline": "central", style: `fill: ${textOn(shade)}` }, fixed(value))];
    }), ...(channels > 1 ? names.map((name, c) => svg("text", { x: numbersLine * cellWidth + 6, y: Math.floor((c * perChannel) / numbersLine) * cellHeight + cellHeight / 2,
      class: "tick", "font-size": 13, "dominant-baseline": "central" }, name)) : []));
  }

  const weightsNow = () => {
    const maps = weights[card.get("layer") - 1];
    const head = card.get("head");
    return head ? maps[head - 1] : maps[0].map((row, i) => row.map((_, j) => maps.reduce((sum, map) => sum + map[i][j], 0) / maps.length));
  };

  // The weights of the patch in focus, laid where the patches lie that they belong to.
  function drawAttention(place) {
    const valid = now.patch === card.get("trained") && card.get("order") === "rows" && now.positions;
    attentionName.replaceChildren("what ", html("span", { class: "query" }, `patch ${place + 1}`), " attends to");
    if (!valid) {
      attentionCaption.textContent = `known for patches of ${square(card.get("trained"))}, row by row, with positions`;
      attention.replaceChildren();
      attention.setAttribute("aria-label", attentionCaption.textContent);
      return;
    }
    const row = weightsNow()[place];
    const highest = Math.max(...row);
    const [wide, high] = [now.patch * scale, now.patch * scale];
    attentionCaption.textContent = `its weights sum to 1; colours from 0 to the largest, ${fixed(highest)}`;
    const cells = row.flatMap((weight, i) => {
      const [x, y] = [(i % now.columns) * wide, Math.floor(i / now.columns) * high];
      const colour = cividis(weight / highest);
      const cell = svg("rect", { x: x + 1, y: y + 1, width: wide - 2, height: high - 2, rx: 3, style: `fill: ${css(colour)}` });
      return row.length > MOST_WEIGHTS ? [cell] : [cell, svg("text", { x: x + wide / 2, y: y + high / 2, "font-size": Math.min(20, wide / 3), "text-anchor": "middle",
        "dominant-baseline": "central", style: `fill: ${textOn(colour)}` }, fixed(weight))];
    });
    attention.replaceChildren(...cells, svg("rect", { x: (place % now.columns) * wide + 2, y: Math.floor(place / now.columns) * high + 2, width: wide - 4, height: high - 4, rx: 3, class: "asking" }));
    const largest = row.map((weight, i) => [weight, i]).sort((a, b) => b[0] - a[0]).slice(0, 3);
    attention.setAttribute("aria-label", `patch ${place + 1} attends to ${largest.map(([weight, i]) => `patch ${i + 1}: ${fixed(weight)}`).join(", ")}`);
  }

  const placeName = (place) => `row ${Math.floor(place / now.columns) + 1}, column ${(place % now.columns) + 1}`;

  function spelled(place, number, value) {
    const { patch, columns, rows, n, order } = now;
    const [channel, row, column] = pixelOf(number, patch);
    const [r, c, area] = [Math.floor(place / columns), place % columns, patch * patch];
    const at = order.indexOf(place) + 1;
    const parts = [`n = ${height}/${patch} · ${width}/${patch} = ${rows} · ${columns} = `, html("b", {}, String(n)), `;  ${placeName(place)} is patch ${r} · ${columns} + ${c + 1} = `, html("b", {}, String(place + 1))];
    if (card.get("order") === "shuffled") parts.push(", which comes as number ", html("b", {}, String(at)));
    parts.push(`;  its ${channels > 1 ? `${names[channel]} ` : ""}pixel in row ${row + 1}, column ${column + 1} is number `,
      `${channels > 1 ? `${channel} · ${area} + ` : ""}${row} · ${patch} + ${column + 1} = `, html("b", {}, String(number + 1)), ` of ${channels * area}: `, html("b", {}, fixed(value)));
    return parts;
  }

  card.standardButtons(() => {
    const [place] = focus();
    const { patch, vectors } = now;
    const columns = Array.from({ length: patch }, (_, j) => `column ${j + 1}`);
    return { caption: `patch ${place + 1}: its ${vectors[place].length} numbers, row by row`, columns: ["", ...columns],
      rows: Array.from({ length: channels * patch }, (_, i) => [`${names[Math.floor(i / patch)]}, row ${(i % patch) + 1}`,
        ...vectors[place].slice(i * patch, (i + 1) * patch).map((x) => fixed(x))]) };
  });

  return card.start(() => {
    size.value = String(card.get("patch"));
    arrange();
    const [place, number] = focus();
    const { patch, columns, rows, order, n, perLine, pitch, lineHeight } = now;
    const value = now.vectors[place][number];
    const side = patch * scale;
    const [, y, x] = pixelInFocus();
    imageCaption.textContent = `${height} by ${width} pixels${channels > 1 ? ", three channels" : ""}; point, or walk with the arrow keys (Shift: pixel by pixel)`;
    whole.place([Math.floor(place / columns), place % columns], [rows, columns],
      { x: (place % columns) * side, y: Math.floor(place / columns) * side, width: side, height: side }, `patch ${place + 1}, ${placeName(place)}`);
    pixelBox.setAttribute("transform", `translate(${x * scale} ${y * scale})`);
    const at = order.indexOf(place);
    const tile = (12 / 14) * pitch;
    sequence.place([Math.floor(at / perLine), at % perLine], [now.lines, perLine],
      { x: (at % perLine) * pitch, y: Math.floor(at / perLine) * lineHeight, width: tile, height: tile }, `number ${at + 1} of ${n}: the patch of ${placeName(place)}`);
    drawVector(now.vectors[place]);
    vectorName.textContent = `patch ${place + 1} as a vector of ${now.vectors[place].length} numbers`;
    const [line, step] = [Math.floor(number / now.numbersLine), number % now.numbersLine];
    const [channel, row, column] = pixelOf(number, patch);
    vector.place([line, step], [now.vectorLines, now.numbersLine],
      { x: step * now.cellWidth, y: line * now.cellHeight, width: now.cellWidth, height: now.cellHeight },
      `number ${number + 1}: ${names[channel]}, row ${row + 1}, column ${column + 1}: ${fixed(value)}`);
    if (weights) drawAttention(place);
    card.spell(spelled(place, number, value));
    card.announce(`patch ${place + 1} of ${n}, ${placeName(place)}; number ${number + 1}: ${fixed(value)}; ${toldCaption.textContent}`);
  }, { asksForRoom: true });
}

export default { render };
