// What every page does: a table of contents that is open where there is room, and boxes that scroll by keyboard too.
(() => {
  const contents = document.querySelector("details.contents");
  const wide = matchMedia("(min-width: 75rem)");
  const unfold = () => (contents.open = wide.matches);
  if (contents) {
    unfold();
    wide.addEventListener("change", unfold);
  }

  // Only what really scrolls is a stop for the Tab key.
  const look = () => {
    const boxes = [...document.querySelectorAll("main pre, main .scroller")]; // a widget may have brought some
    const scrolls = boxes.map((box) => box.scrollWidth > box.clientWidth);
    boxes.forEach((box, i) => (scrolls[i] ? box.setAttribute("tabindex", "0") : box.removeAttribute("tabindex")));
  };
  new ResizeObserver(look).observe(document.querySelector("main"));
})();
