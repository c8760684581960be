// What both pages share: the stream, the tabs of the notebooks, the buttons. Text is only ever set as text.

const SILENCE = 15_000; // milliseconds; the stream says something every five seconds

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// "`W_h` is *not* transposed" -> pieces, with code as code.
export function rich(text) {
  const pieces = text.split(/`([^`]+)`|(?<![\w*])\*(\w+)\*(?![\w*])/);
  return pieces.flatMap((piece, i) => {
    if (!piece) return [];
    return [i % 3 === 0 ? piece : make(i % 3 === 1 ? "code" : "em", {}, piece)];
  });
}

export const words = (id) => id.replaceAll("_", " ");

const by = (id) => document.getElementById(id);
const root = document.documentElement;
let state = null; // the last one that came
let chosen = null; // number of the notebook shown
let follow = true;

function share(notebook) {
  const done = notebook.exercises.reduce((sum, exercise) => sum + exercise.done, 0);
  return state.learners ? done / (state.learners * notebook.exercises.length) : 0;
}

function drawTabs(choose) {
  const tabs = by("tabs");
  if (!tabs.children.length) {
    for (const notebook of state.notebooks) {
      const meter = make("span", { class: "meter" }, make("span", { class: "filled" }));
      const tab = make("button", { type: "button", role: "tab", "aria-controls": "main", "data-notebook": notebook.number },
        make("span", { class: "number" }, notebook.number), meter, make("span", { class: "percent" }));
      tab.addEventListener("click", () => choose(notebook.number));
      tabs.append(tab);
    }
  }
  state.notebooks.forEach((notebook, i) => {
    const tab = tabs.children[i];
    const percent = `${Math.round(100 * share(notebook))} %`;
    tab.setAttribute("aria-selected", notebook.number === chosen);
    tab.setAttribute("aria-label", `${notebook.number} ${notebook.title}, ${percent} done`);
    tab.tabIndex = notebook.number === chosen ? 0 : -1;
    tab.title = notebook.title;
    tab.querySelector(".filled").style.width = `${100 * share(notebook)}%`;
    tab.querySelector(".percent").textContent = percent;
  });
}

function keys(event) {
  const tabs = [...by("tabs").children];
  const here = tabs.indexOf(document.activeElement);
  const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (here < 0 || next === undefined) return;
  event.preventDefault();
  const tab = tabs[(next + tabs.length) % tabs.length];
  tab.click();
  tab.focus();
}

function toggle(id, attribute, on, off, kept) {
  const button = by(id);
  if (!button) return;
  const show = (value) => {
    if (value) root.setAttribute(attribute, value);
    else root.removeAttribute(attribute);
    if (id === "theme") button.textContent = value === "dark" ? "Light" : "Dark";
    else button.setAttribute("aria-pressed", value === on);
  };
  show(localStorage.getItem(id) ?? kept);
  button.addEventListener("click", () => {
    const value = root.getAttribute(attribute) === on ? off : on;
    localStorage.setItem(id, value);
    show(value);
  });
}

// draw(state, notebook) is called at every change and every choice.
export function start(names, draw) {
  const show = () => {
    if (!state) return;
    if (follow && state.current) chosen = state.current;
    chosen ??= state.notebooks[0].number;
    by("who").textContent = state.learners === 1 ? "1 learner shares what the checks say"
      : `${state.learners} learners share what the checks say`;
    by("follow").setAttribute("aria-pressed", follow);
    drawTabs((notebook) => {
      [chosen, follow] = [notebook, false];
      show();
    });
    draw(state, state.notebooks.find((notebook) => notebook.number === chosen));
  };
  by("tabs").addEventListener("keydown", keys);
  by("follow").addEventListener("click", () => {
    follow = !follow;
    show();
  });
  toggle("theme", "data-theme", "dark", "light", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  toggle("projector", "data-projector", "on", "", "");
  setInterval(show, 30_000); // "for 6 min" goes on without news
  const address = `events?_xsrf=${encodeURIComponent(document.body.dataset.xsrf)}${names ? "&names=1" : ""}`;
  let stream, heard;
  const here = () => { heard = Date.now(); };
  const lost = () => {
    by("state").textContent = "The board does not answer. What stands here may be old; this page tries again. "
      + "If that lasts, load it again.";
  };
  const connect = () => {
    stream?.close();
    here();
    stream = new EventSource(address);
    stream.addEventListener("here", here);
    stream.onmessage = (event) => {
      here();
      state = JSON.parse(event.data);
      by("state").textContent = state.learners ? "" : "Nobody has run a check yet. The first one appears here at once.";
      show();
    };
    stream.onerror = lost;
  };
  setInterval(() => {  // a proxy can hold the line open when the board is gone, and after an error page a browser gives up
    if (Date.now() - heard < SILENCE) return;
    lost();
    connect();
  }, 1000);
  connect();
}
