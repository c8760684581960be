// Search in the text of all pages: every word must be there; what stands in a heading counts more.
(() => {
  const { pages, sections } = JSON.parse(document.getElementById("index").textContent);
  const results = document.querySelector(".results");
  const said = document.querySelector(".found");
  const query = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  const lower = (text) => text.toLowerCase();
  const all = sections.map(([page, anchor, heading, text]) => ({ page, anchor, heading, text, head: lower(heading), body: lower(text) }));
  const MOST = 40;
  const AROUND = 90; // letters on each side of the first word that is found

  const build = (tag, attributes, ...children) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.append(...children);
    return node;
  };

  // A word counts where it begins a word: 5 times in a heading, once for each time in the text, up to 3.
  function score(section, words) {
    let sum = 0;
    for (const word of words) {
      const begins = (text) => text.split(word).slice(0, -1).reduce(
        ({ at, count }, before) => {
          const end = at + before.length;
          return { at: end + word.length, count: count + (end === 0 || !/[\p{L}\p{N}]/u.test(text[end - 1]) ? 1 : 0) };
        }, { at: 0, count: 0 }).count;
      const here = 5 * Math.min(1, begins(section.head)) + Math.min(3, begins(section.body));
      if (!here) return 0;
      sum += here;
    }
    return sum;
  }

  function excerpt({ text, body }, words) {
    const places = words.map((word) => body.indexOf(word)).filter((at) => at >= 0);
    const middle = places.length ? Math.min(...places) : 0;
    const [start, end] = [Math.max(0, middle - AROUND), middle + AROUND];
    const whole = text.slice(start, end).replace(start ? /^\S*\s/ : /^/, "").replace(end < text.length ? /\s\S*$/ : /$/, "");
    const shown = `${start ? "… " : ""}${whole}${end < text.length ? " …" : ""}`;
    const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "giu");
    return shown.split(pattern).map((part, i) => (i % 2 ? build("mark", {}, part) : part));
  }

  function search(text) {
    const words = lower(text).split(/\s+/).filter(Boolean);
    const found = words.length ? all.map((section) => [score(section, words), section]).filter(([points]) => points) : [];
    found.sort((a, b) => b[0] - a[0]);
    said.textContent = !words.length ? "Type a word or two." : !found.length ? `Nothing about “${text}”. Try fewer or shorter words.`
      : `${found.length} ${found.length === 1 ? "place" : "places"} for “${text}”${found.length > MOST ? `, the best ${MOST} of them below` : ""}.`;
    results.replaceChildren(...found.slice(0, MOST).map(([, section]) => build("li", {},
      build("a", { href: `${pages[section.page][0]}#${section.anchor}` }, section.heading),
      build("span", { className: "where" }, pages[section.page][1]), build("p", {}, ...excerpt(section, words)))));
  }

  const box = document.querySelector("input[name=q]");
  box.value = query;
  box.addEventListener("input", () => search(box.value.trim()));
  search(query);
  if (!query) box.focus();
})();
