// What widgets are drawn with: elements, pictures, coloured words, panels, tables.
// Text goes in as text nodes only, so whatever a learner types is shown as typed and never run.
import { short } from "./core.js";

export const SVG = "http://www.w3.org/2000/svg";
export const EM = 16; // units of a viewBox per em: one font size scales pictures and text alike

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") node.style.cssText = value; // the web edition's policy forbids the attribute
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

export const html = (tag, attributes = {}, ...children) => build(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) => build(document.createElementNS(SVG, tag), attributes, children);

// A picture of the given size in viewBox units, as wide as the font size makes it and never wider than its panel.
export const picture = (width, height, attributes = {}, ...children) =>
  svg("svg", { viewBox: `0 0 ${width} ${height}`, style: `width:${width / EM}em`, ...attributes }, ...children);

// ["big", "query"] -> a coloured, bidi-isolated word; plain strings stay plain.
export const phrase = (parts) =>
  parts.map((part) => (Array.isArray(part) ? html("bdi", { class: part[1] }, short(part[0], 40)) : part));

// A panel of the picture: heading (parts of a phrase), caption, content.
export const panel = (heading, caption, ...content) =>
  html("div", { class: "panel" },
    html("p", { class: "heading" }, ...phrase(heading)), html("p", { class: "caption" }, ...phrase(caption)), ...content);

// Random, not counted: every widget on a page is a module of its own and would count from 1 again.
export const uniqueId = (stem) => `${stem}-${Math.random().toString(36).slice(2)}`;

export function tableOf({ caption, columns, rows }) {
  const head = columns.map((column) => (column ? html("th", { scope: "col" }, column) : html("td"))); // a corner heads nothing
  return html("table", {}, html("caption", { class: "caption" }, caption), html("thead", {}, html("tr", {}, ...head)),
    html("tbody", {}, ...rows.map(([name, ...cells]) =>
      html("tr", {}, html("th", { scope: "row" }, name), ...cells.map((cell) => html("td", {}, cell))))));
}
