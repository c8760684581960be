// Pictures made of pixels: an image, a row of patches, and a plate that one can point at and walk through.
import { EM, html, picture, svg } from "./ui.js";
import { cellAfterKey } from "./matrix.js";
import { joinPatches } from "./patches.js";

// Pixels as the address of a picture. `colourAt(x, y)`: [red, green, blue] from 0 to 1, or null where nothing is drawn.
function pixelsAsAddress(width, height, colourAt) {
  const canvas = html("canvas", { width, height });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const colour = colourAt(x, y);
      if (colour) pixels.data.set([...colour.map((c) => Math.round(255 * c)), 255], at);
    }
  }
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL();
}

// One channel is grey, three are red, green and blue.
const coloursOf = (image) => (x, y) => [0, 1, 2].map((c) => image[image.length === 1 ? 0 : c][y][x]);
export const imageAddress = (image) => pixelsAsAddress(image[0][0].length, image[0].length, coloursOf(image));

// The patches as tiles with gaps between them, `perLine` to a line; one address for all.
export function tilesAddress(vectors, patch, perLine) {
  const zoom = Math.ceil(24 / patch); // screen pixels for each of theirs, so that a gap can be narrower than a pixel
  const tile = zoom * patch;
  const pitch = tile + Math.max(2, Math.round(tile / 6));
  const colours = vectors.map((vector) => coloursOf(joinPatches([vector], patch, 1)));
  return pixelsAsAddress(perLine * pitch, Math.ceil(vectors.length / perLine) * pitch, (x, y) => {
    const colour = colours[Math.floor(y / pitch) * perLine + Math.floor(x / pitch)];
    const inside = colour && x % pitch < tile && y % pitch < tile;
    return inside ? colour(Math.floor((x % pitch) / zoom), Math.floor((y % pitch) / zoom)) : null;
  });
}

// Something in rows and columns that one can point at and walk through: one cell has the focus, and tells what it is.
// `onmove([i, j])` hears of keys, `onpixel([down, right])` of arrows with Shift, `onpoint([x, y])` of the pointer, in
// viewBox units.
export class Plate {
  constructor(label, { onmove, onpoint, onpixel }) {
    this.drawn = svg("g", { "aria-hidden": "true" });
    this.halo = svg("rect", { class: "halo" });
    this.cell = svg("rect", { role: "gridcell", tabindex: 0, class: "here", "aria-selected": "true" });
    this.element = picture(1, 1, { role: "grid", class: "plate", "aria-label": label }, this.drawn, this.halo, svg("g", { role: "row" }, this.cell));
    this.element.addEventListener("keydown", (event) => {
      const step = event.shiftKey && onpixel && { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      const next = step || cellAfterKey(event.key, event.ctrlKey || event.metaKey, this.at, this.size);
      if (!next) return;
      event.preventDefault();
      event.stopPropagation();
      (step ? onpixel : onmove)(next);
    });
    const point = (event) => {
      const box = this.element.getBoundingClientRect();
      onpoint([((event.clientX - box.left) / box.width) * this.width, ((event.clientY - box.top) / box.height) * this.height]);
    };
    this.element.addEventListener("pointermove", point);
    this.element.addEventListener("click", (event) => {
      point(event);
      this.cell.focus();
    });
  }

  resize(width, height) {
    [this.width, this.height] = [width, height];
    this.element.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.element.style.width = `${width / EM}em`;
  }

  // at: [i, j] of the cell in focus among [rows, columns]; box: where it is drawn; said: what it is.
  place([i, j], size, box, said) {
    [this.at, this.size] = [[i, j], size];
    for (const [name, value] of Object.entries(box)) for (const rect of [this.halo, this.cell]) rect.setAttribute(name, value);
    const told = { "aria-label": said, "aria-rowindex": i + 1, "aria-colindex": j + 1 };
    for (const [name, value] of Object.entries(told)) this.cell.setAttribute(name, value);
    this.element.setAttribute("aria-rowcount", size[0]);
    this.element.setAttribute("aria-colcount", size[1]);
  }
}

export const pixelPicture = (href, width, height) => svg("image", { href, width, height, preserveAspectRatio: "none", "image-rendering": "pixelated" });
export const gridLines = (rows, columns, width, height) => {
  const across = Array.from({ length: rows - 1 }, (_, i) => `M0 ${((i + 1) * height) / rows}H${width}`);
  const down = Array.from({ length: columns - 1 }, (_, j) => `M${((j + 1) * width) / columns} 0V${height}`);
  const d = [...across, ...down].join("");
  return [svg("path", { d, class: "cut under" }), svg("path", { d, class: "cut" })];
};
