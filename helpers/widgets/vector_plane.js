// Attention over vectors with two numbers: drag a word, edit a matrix, and every picture follows at once.
import { attention, exact, fixed, fromRows, hull, linear, toRows } from "./core.js";
import { Card } from "./card.js";
import { html, panel, phrase, svg } from "./ui.js";
import { heatmap } from "./matrix.js";
import { spell } from "./spell.js";
import { Plane, reach } from "./plane.js";

const LARGEST = 100; // of a number in a matrix, as in Python
const MATRICES = [["W_query", "Q", "query"], ["W_key", "K", "key"], ["W_value", "V", "value"]];
const HULLS = { 2: "the line between the values", 3: "the triangle of the values" };

const sub = (letter, kind) => html("span", { class: kind }, "W", html("sub", {}, letter));
const pair = (vector) => `(${vector.map((x) => fixed(x)).join(", ")})`;
const hundredth = (x) => Math.round(100 * x) / 100;

// Keys that move a point: 0.1, with Shift 1.
function stepOf(event) {
  const size = event.shiftKey ? 1 : 0.1;
  return { ArrowLeft: [-size, 0], ArrowRight: [size, 0], ArrowUp: [0, size], ArrowDown: [0, -size] }[event.key];
}

// The words as points that follow the pointer and the arrow keys; move(i, vector) is told where to.
function draggableWords(words, move) {
  const plane = new Plane("words as points");
  let vectors;
  const go = (i, vector) => move(i, vector.map((x) => hundredth(Math.min(plane.half, Math.max(-plane.half, x)))));
  const handles = words.map((word, i) => {
    const line = svg("path", { class: "stem" });
    const handle = svg("g", { role: "slider", tabindex: 0, class: "handle", "aria-label": word, "aria-roledescription": "point, moves with the arrow keys" },
      svg("circle", { r: 18, fill: "transparent" }), svg("circle", { r: 9, class: "dot" }));
    let grabbed = null; // from the pointer to the point, so that it does not jump when it is taken hold of
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
      grabbed = plane.vectorAt(event).map((x, axis) => vectors[i][axis] - x);
    });
    handle.addEventListener("pointermove", (event) => {
      if (grabbed) go(i, plane.vectorAt(event).map((x, axis) => x + grabbed[axis]));
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) handle.addEventListener(end, () => (grabbed = null));
    handle.addEventListener("keydown", (event) => {
      const step = stepOf(event);
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      go(i, vectors[i].map((x, axis) => x + step[axis]));
    });
    return { line, handle };
  });
  plane.shapes.append(...handles.map(({ line }) => line));
  plane.handles.append(...handles.map(({ handle }) => handle));
  const draw = (x, half) => {
    vectors = x;
    plane.setHalf(half);
    const [cx, cy] = plane.point([0, 0]);
    handles.forEach(({ line, handle }, i) => {
      const [px, py] = plane.point(x[i]);
      line.setAttribute("d", `M${cx} ${cy}L${px} ${py}`);
      handle.setAttribute("transform", `translate(${px} ${py})`);
      for (const [name, value] of Object.entries({ valuenow: fixed(x[i][0]), valuemin: -half, valuemax: half, valuetext: `x ${fixed(x[i][0])}, y ${fixed(x[i][1])}` })) {
        handle.setAttribute(`aria-${name}`, value);
      }
    });
    plane.write(words.map((word, i) => ({ word, at: x[i], kind: "word", radius: 10 })), x);
  };
  return { element: plane.element, draw };
}

// Two rows of two numbers; edit(rows) hears of every number that can be used.
function matrixInputs(letter, kind, { edit, alert }) {
  let shown;
  const inputs = [0, 1].map((i) => [0, 1].map((j) => {
    const name = `W_${letter} row ${i + 1} column ${j + 1}`;
    const input = html("input", { type: "number", step: 0.1, min: -LARGEST, max: LARGEST, "aria-label": name });
    input.addEventListener("input", () => {
      const bad = input.value === "" || !(Math.abs(Number(input.value)) <= LARGEST);
      input.toggleAttribute("aria-invalid", bad);
      if (bad) alert(`${name}: type a number from -${LARGEST} to ${LARGEST}; the picture keeps ${fixed(shown[i][j])}.`);
      else edit(shown.map((row, a) => row.map((x, b) => (a === i && b === j ? Number(input.value) : x))));
    });
    input.addEventListener("change", () => write(input, shown[i][j]));
    return input;
  }));
  const write = (input, x) => {
    input.removeAttribute("aria-invalid");
    input.value = exact(x, 1);
  };
  const element = html("div", { class: "weights", role: "group", "aria-label": `W_${letter}` }, sub(letter, kind),
    html("div", { class: "entries" }, ...inputs.flat()));
  const draw = (rows) => {
    shown = rows;
    inputs.forEach((row, i) => row.forEach((input, j) => {
      const typing = input === document.activeElement && Math.abs(Number(input.value) - rows[i][j]) < 1e-6; // "1." is on its way to 1.5
      if (!typing) write(input, rows[i][j]);
    }));
  };
  return { element, draw };
}

function render({ model, el }) {
  const card = new Card({ model, el }, { name: "vector-plane", label: "Attention over vectors in the plane" });
  const words = model.get("words");
  const rowsOf = (name) => toRows(card.get(name));
  const put = (name, rows) => card.set(name, fromRows(rows));

  card.slider("temperature", { label: "temperature", min: 0.1, max: 5, step: 0.1 });
  card.checkbox("scale", "divide by √d");
  card.checkbox("same", "W", html("sub", {}, "Q"), " = W", html("sub", {}, "K")).addEventListener("change", () => {
    if (card.get("same")) put("W_key", rowsOf("W_query"));
  });

  const points = draggableWords(words, (i, vector) => put("x", rowsOf("x").map((x, a) => (a === i ? vector : x))));
  const arrows = new Plane("queries and keys as arrows", { role: "img" });
  const mix = new Plane("values as arrows, outputs as dots", { role: "img" });
  const grid = heatmap({ rows: words, columns: words, label: "attention, rows listen to columns", selected: () => card.get("focus"), onselect: (i, j) => card.set("focus", [i, j]) });

  const edit = (name) => (rows) => {
    put(name, rows);
    if (card.get("same") && name !== "W_value") put(name === "W_key" ? "W_query" : "W_key", rows);
  };
  const matrices = MATRICES.map(([name, letter, kind]) => ({ name, ...matrixInputs(letter, kind, { edit: edit(name), alert: (text) => card.alert(text) }) }));

  const equals = html("span");
  const howToRead = html("span");
  const done = html("p", { class: "done" });
  const [first, second] = words.slice(-2);
  const turn = html("div", { class: "panel turn" }, html("p", { class: "heading" }, "Your turn"),
    ...phrase(["Can you make ", [first, "word"], " and ", [second, "word"], " each listen to the other more than to itself? Try it while W",
      html("sub", {}, "Q"), " = W", html("sub", {}, "K"), ", then untick that, and say why."]), done);
  card.picture.classList.add("planes");
  const attends = panel(["attention"], ["row listens to column; each row sums to 1"], grid.element);
  const edits = panel(["matrices"], ["type, or step with the arrow keys"], ...matrices.map(({ element }) => element));
  const large = words.length > 4; // the matrix takes two columns, and goes where there are two
  attends.classList.toggle("wide", large);
  card.picture.append(
    panel(["words"], ["drag a word, or use the arrow keys"], points.element),
    panel([["queries", "query"], equals, ["keys", "key"]], [howToRead], arrows.element),
    ...(large ? [edits, attends] : [attends, edits]),
    panel([["values", "value"], " and ", ["outputs", "output"]], [`no output leaves ${HULLS[words.length] ?? "the hull of the values"}`], mix.element),
    turn,
  );

  let run;
  card.standardButtons(() => ({
    caption: "each word: its vectors, whom it listens to, and what comes out",
    columns: ["", "x", "query", "key", "value", ...words, "output"],
    rows: words.map((word, i) => [word, ...[run.x, run.query, run.key, run.value].map((m) => pair(m[i])), ...run.weights[i].map((w) => fixed(w)), pair(run.outputs[i])]),
  }));
  card.button("reset", () => Object.entries(card.get("start")).forEach(([name, value]) => (Array.isArray(value) ? put(name, value) : card.set(name, value))));

  function drawArrows({ query, key, same }, [row, column]) {
    arrows.setHalf(reach([...query, ...key]));
    const width = (i, chosen) => (i === chosen ? 3 : 2);
    const keys = same ? [] : key.map((k, j) => arrows.arrow(k, "key", { dashed: true, width: width(j, column) }));
    arrows.shapes.replaceChildren(...keys, ...query.map((q, i) => arrows.arrow(q, "query", { width: width(i, row) })));
    const labels = (vectors, kind) => vectors.map((at, i) => ({ word: words[i], at, kind }));
    arrows.write([...labels(query, "query"), ...(same ? [] : labels(key, "key"))], [...query, ...key]);
  }

  function drawMix({ value, outputs }) {
    mix.setHalf(reach(value));
    const outline = svg("polygon", { points: hull(value).map((v) => mix.point(v).join(",")).join(" "), class: "hull" });
    const dots = outputs.map((o) => {
      const [cx, cy] = mix.point(o);
      return svg("circle", { cx, cy, r: 6, class: "output" });
    });
    mix.shapes.replaceChildren(outline, ...value.map((v) => mix.arrow(v, "value", { width: 1.5 })), ...dots);
    mix.write(outputs.map((at, i) => ({ word: words[i], at, kind: "output", radius: 6 })), value);
  }

  return card.start(() => {
    const settings = { scale: card.get("scale"), temperature: card.get("temperature") };
    const x = rowsOf("x");
    const [query, key, value] = MATRICES.map(([name]) => linear(x, rowsOf(name)));
    run = { words, keyWords: words, x, query, key, value, same: card.get("same"), ...settings, ...attention(query, key, value, settings) };
    const { weights, same } = run;
    const sentence = (i, j) => `${words[i]} attends to ${words[j]}: ${fixed(weights[i][j])}`;
    const focus = card.get("focus");
    points.draw(x, reach([...x, ...card.get("start").x]));
    equals.textContent = same ? " = " : " and ";
    howToRead.textContent = same ? "after W; close arrows listen to each other" : "queries (solid) listen to keys (dashed)";
    drawArrows(run, focus);
    drawMix(run);
    grid.draw({ values: weights, low: () => 0, high: () => 1, text: (i, j) => fixed(weights[i][j]), barred: () => false, describe: sentence });
    matrices.forEach(({ name, draw }) => draw(rowsOf(name)));
    const [a, b] = [words.length - 2, words.length - 1];
    done.textContent = weights[a][b] > weights[a][a] && weights[b][a] > weights[b][b] ? "✓ Done: each listens to the other more than to itself." : "";
    card.spell(spell(run, focus));
    card.announce(sentence(...focus));
  });
}

export default { render };
