// Dark or light: as the system says, until the reader chooses; printed in light.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = {
    get: () => {
      try {
        return localStorage.getItem("theme");
      } catch {
        return null; // some browsers keep nothing for a page from disk
      }
    },
    set: (theme) => {
      try {
        if (theme) localStorage.setItem("theme", theme);
        else localStorage.removeItem("theme");
      } catch {
        root.dataset.chosen = theme ?? "";
      }
    },
  };
  const system = () => (dark.matches ? "dark" : "light");
  const other = () => (root.dataset.theme === "dark" ? "light" : "dark");
  const show = () => {
    root.dataset.theme = root.dataset.chosen || kept.get() || system();
    const button = document.querySelector(".theme");
    if (button) button.textContent = other() === "dark" ? "Dark" : "Light"; // what it does
  };
  show();
  dark.addEventListener("change", show);
  addEventListener("beforeprint", () => (root.dataset.theme = "light"));
  addEventListener("afterprint", show);
  addEventListener("DOMContentLoaded", () => {
    document.querySelector(".theme").addEventListener("click", () => {
      kept.set(other() === system() ? null : other());
      show();
    });
    show();
  });
})();
