// What the tests of every widget do in the page, whichever widget it is (every.py calls it).
window.courseEvery = (() => {
  const read = (colour) => (colour.match(/[0-9.]+/g) ?? [0, 0, 0, 0]).map(Number);

  function luminance(rgb) {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  /** The colour that an element is painted with: [red, green, blue, alpha]. */
  function paint(node) {
    const style = getComputedStyle(node);
    if (!node.ownerSVGElement) return read(style.backgroundColor);
    const [r, g, b, alpha = 1] = read(style.fill);
    return [r, g, b, alpha * style.fillOpacity * style.opacity];
  }

  /** The colour under the middle of a word: that of its halo, or of everything that lies there, one over the other. */
  function under(text) {
    const { paintOrder, stroke } = getComputedStyle(text);
    if (paintOrder.startsWith("stroke")) return read(stroke);
    text.scrollIntoView({ block: "center", inline: "center" });
    const { left, top, width, height } = text.getBoundingClientRect();
    const below = document.elementsFromPoint(left + width / 2, top + height / 2).filter((node) => !node.matches("text, tspan"));
    const layers = below.map(paint);
    const solid = layers.findIndex(([, , , alpha = 1]) => alpha === 1);
    const over = (ground, [r, g, b, alpha = 1]) => [r, g, b].map((c, i) => alpha * c + (1 - alpha) * ground[i]);
    return layers.slice(0, solid + 1).reverse().reduce(over, [0, 0, 0]);
  }

  const wordOf = (text) => [...text.childNodes].filter((node) => node.nodeName !== "title").map((node) => node.textContent).join("");

  function contrast(...colours) {
    const [low, high] = colours.map(([r, g, b]) => luminance([r, g, b])).sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  }

  /** Every word of a card's drawings with its contrast to what lies under it; axe does not look into SVG. */
  function contrasts(card) {
    const texts = [...card.querySelectorAll("svg text")].filter((text) => wordOf(text).trim() && text.getBoundingClientRect().width);
    return texts.map((text) => [wordOf(text), contrast(under(text), paint(text))]);
  }

  /** The contrast of marks, such as arrow heads and dots, to the paper of their card. */
  function marks(card, selector) {
    const paper = paint(card);
    const ink = ({ stroke, fill }) => read(stroke === "none" ? fill : stroke);
    return [...card.querySelectorAll(selector)].map((node) => contrast(paper, ink(getComputedStyle(node))));
  }

  /** Render a widget where there is no Jupyter: on a model that can get, set, save, on and off, and counts. */
  async function renderElsewhere(source, state) {
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    const values = JSON.parse(state, (_, value) => (typeof value?.base64 === "string" ? bytes(value.base64) : value));
    const { default: widget } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    const listeners = new Set();
    let saved = 0;
    const model = {
      get: (name) => values[name],
      set: (name, value) => {
        values[name] = value;
        listeners.forEach((run) => run());
      },
      save_changes: () => (saved += 1),
      on: (event, run) => listeners.add(run),
      off: (event, run) => listeners.delete(run),
    };
    const outside = new Set(); // what listens to the page itself
    const shared = [window, document, document.body];
    for (const node of shared) {
      node.addEventListener = (event, run) => outside.add(run);
      node.removeEventListener = (event, run) => outside.delete(run);
    }
    const el = document.createElement("div");
    el.id = "other-host";
    document.body.append(el);
    const cleanUp = await widget.render({ model, el });
    const counts = () => ({ listening: listeners.size, outside: outside.size, drawn: el.childElementCount, saved });
    window.otherHost = {
      counts,
      end() {
        cleanUp();
        el.remove();
        for (const node of shared) for (const own of ["addEventListener", "removeEventListener"]) delete node[own];
        return counts();
      },
    };
  }

  return { contrasts, marks, renderElsewhere };
})();
