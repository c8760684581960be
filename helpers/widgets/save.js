// A widget saved as a picture: one SVG file of everything between the controls and the end of the card, or the same as PNG.
import { SVG, html, svg } from "./ui.js";

// What is saved: everything between the controls and the end of the card, and whatever one would have to scroll to.
function savedArea(card) {
  for (const scroller of card.picture.querySelectorAll(".scroller")) scroller.scrollLeft = 0;
  const { left, right, bottom } = card.root.getBoundingClientRect();
  const { top } = card.picture.getBoundingClientRect();
  const drawn = [...card.picture.querySelectorAll("svg")].map((drawing) => drawing.getBoundingClientRect().right);
  return { left, top, width: Math.max(right, ...drawn) - left, height: bottom - top };
}

// One SVG of the whole picture: drawings where they stand, headings and captions as text, styles written into the elements,
// because a file on its own has no style sheet.
function pictureAsSvg(card) {
  const box = savedArea(card);
  const place = (node) => {
    const { left, top, width, height } = node.getBoundingClientRect();
    return { x: left - box.left, y: top - box.top, width, height };
  };
  const sheet = svg("svg", { xmlns: SVG, width: box.width, height: box.height, viewBox: `0 0 ${box.width} ${box.height}` },
    svg("rect", { width: "100%", height: "100%", fill: getComputedStyle(card.root).backgroundColor }));
  for (const drawing of card.picture.querySelectorAll("svg, canvas")) {
    if (drawing.getBoundingClientRect().width === 0) continue;
    const copy = drawing instanceof SVGElement ? withStyles(drawing) : svg("image", { href: drawing.toDataURL(), "image-rendering": "pixelated" });
    copy.removeAttribute("style");
    for (const [name, value] of Object.entries(place(drawing))) copy.setAttribute(name, value);
    sheet.append(copy);
  }
  for (const block of [...card.picture.querySelectorAll(".panel:not(.turn) > .heading, .caption, .weights"), card.spelled]) {
    for (const { text, node, x, y } of linesOf(block)) {
      const style = getComputedStyle(node.parentElement);
      sheet.append(svg("text", { x: x - box.left, y: y - box.top, fill: style.color, "dominant-baseline": "central",
        "font-size": style.fontSize, "font-weight": style.fontWeight, "font-family": style.fontFamily }, text));
    }
  }
  for (const input of card.picture.querySelectorAll("input[type=number]")) {
    const { x, y, width, height } = place(input);
    const style = getComputedStyle(input);
    sheet.append(svg("text", { x: x + width / 2, y: y + height / 2, fill: style.color, "text-anchor": "middle", "dominant-baseline": "central",
      "font-size": style.fontSize, "font-family": style.fontFamily }, input.value));
  }
  return new XMLSerializer().serializeToString(sheet);
}

// SVG text does not wrap: one piece for each line that the browser made of the paragraph; hidden words have none. Lines
// break at spaces and, in "(0.50)(0.81)", before a bracket.
function linesOf(block) {
  const lines = [];
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    for (const { 0: word, index } of node.data.matchAll(/\S[^\s(]*\s*/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const [place] = range.getClientRects();
      const last = lines.at(-1);
      if (place && last?.node === node && last.top === place.top) last.text += word;
      else if (place) lines.push({ text: word, node, top: place.top, x: place.left, y: place.top + place.height / 2 });
    }
  }
  return lines;
}

const WRITTEN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "font-size", "font-weight", "font-family", "text-anchor", "dominant-baseline",
  "stroke-linecap", "stroke-linejoin", "paint-order"];

function withStyles(drawing) {
  const copy = drawing.cloneNode(true);
  const originals = drawing.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((node, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of WRITTEN) node.style.setProperty(name, style.getPropertyValue(name));
  });
  return copy;
}

export async function savePicture(card, format) {
  const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(pictureAsSvg(card))}`;
  const name = `${card.root.dataset.widget}.${format.toLowerCase()}`;
  download(format === "SVG" ? address : await rasterised(address, savedArea(card)), name);
}

async function rasterised(address, { width, height }) {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = html("canvas", { width: 2 * width, height: 2 * height }); // twice the screen: sharp on a slide
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

function download(href, name) {
  html("a", { href, download: name }).click();
}
