// What the driver needs inside the JupyterLab page; needs JupyterLab to be started with expose_app_in_browser.
window.courseDriver = (() => {
  const panel = () => window.jupyterapp.shell.currentWidget;
  const cells = () => [...panel().content.widgets];
  const nextFrame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));

  async function open(path) {
    await window.jupyterapp.restored;
    window.jupyterapp.shell.collapseLeft();
    const opened = await window.jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
    window.jupyterapp.shell.activateById(opened.id);
    await opened.context.ready;
    await opened.sessionContext.ready;
    await opened.sessionContext.session.kernel.info;
  }

  /** JupyterLab looks for ended kernels every few seconds; make it look now. */
  async function kernelIsGone() {
    const { kernel } = panel().sessionContext.session ?? {};
    await window.jupyterapp.serviceManager.sessions.refreshRunning();
    await window.jupyterapp.serviceManager.kernels.refreshRunning();
    while (kernel && !kernel.isDisposed) await nextFrame();
  }

  /** Close without being asked whether to save. */
  const close = () => panel().dispose();

  /** JupyterLab covers itself while a theme loads, and fails when it is asked for another before that is over. */
  async function splashIsGone() {
    while (document.getElementById("jupyterlab-splash")) await nextFrame();
    await nextFrame();
  }

  async function theme(name) {
    await splashIsGone();
    if (document.body.dataset.jpThemeName === name) return;
    await window.jupyterapp.commands.execute("apputils:change-theme", { theme: name });
    while (document.body.dataset.jpThemeName !== name) await nextFrame(); // it is named once its style sheet is there
    await splashIsGone();
  }

  async function runAll() {
    await window.jupyterapp.commands.execute("notebook:run-all-cells");
    const outputs = cells().flatMap((cell) => cell.model.sharedModel.toJSON().outputs ?? []);
    return outputs.filter((output) => output.output_type === "error").map((error) => `${error.ename}: ${error.evalue}`);
  }

  /** Wait until the kernel is idle, fonts and images are there, and nothing in the notebook has moved for half a second. */
  async function settle() {
    while (!["idle", "dead", undefined].includes(panel().sessionContext.session?.kernel?.status)) await nextFrame();
    await document.fonts.ready;
    await Promise.allSettled([...panel().node.querySelectorAll("img")].map((image) => image.decode()));
    let moved = performance.now();
    const observer = new MutationObserver(() => (moved = performance.now()));
    observer.observe(panel().content.node, { subtree: true, childList: true, characterData: true });
    while (performance.now() - moved < 500) await nextFrame();
    observer.disconnect();
  }

  /** Run code beside the notebook, in its kernel; the messages of the widgets sent before it are handled before it. */
  async function ask(code, expression) {
    const kernel = panel().sessionContext.session.kernel;
    const request = { code, silent: true, store_history: false, user_expressions: { value: expression } };
    const { content } = await kernel.requestExecute(request).done;
    const failed = [content, content.user_expressions?.value].find((part) => part?.status === "error");
    return failed ? { error: `${failed.ename}: ${failed.evalue}` } : { repr: content.user_expressions.value.data["text/plain"] };
  }

  /** What must not change while keys are pressed inside a widget. */
  function state() {
    const { mode, activeCellIndex } = panel().content;
    const sources = cells().map((cell) => `${cell.model.type}: ${cell.model.sharedModel.source}`);
    const focused = cells().findIndex((cell) => cell.outputArea?.node.contains(document.activeElement));
    return { sources, mode, active: activeCellIndex, output_with_focus: focused };
  }

  /** Watch one element: which key presses have changed it by the time the key comes up, and when was each one painted. */
  function watch(element) {
    const seen = { paints: [], pictures: 0, drawn: 0 };
    let pressed = [];
    let changed = false;
    let last = picture(element);
    let drawn = last;
    let running = true;
    const observer = new MutationObserver(() => (changed = true));
    observer.observe(element, { subtree: true, childList: true, attributes: true, characterData: true });
    const onDown = (event) => pressed.push(event.timeStamp);
    const onUp = () => {
      const current = picture(element);
      if (current !== drawn) seen.drawn += 1;
      drawn = current;
    };
    window.addEventListener("keydown", onDown, true);
    window.addEventListener("keyup", onUp, true);
    const channel = new MessageChannel(); // a message posted in a frame arrives right after that frame is painted
    channel.port1.onmessage = () => {
      const now = performance.now();
      if (!changed && !(pressed.length && element.querySelector("canvas"))) return; // a canvas changes without telling
      changed = false;
      const current = picture(element);
      if (current === last) return;
      last = current;
      if (pressed.length) seen.pictures += 1; // not what follows later by itself, such as a note for screen readers
      seen.paints.push(...pressed.map((time) => now - time));
      pressed = [];
    };
    const frame = () => {
      channel.port2.postMessage(null);
      if (running) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    seen.answered = async () => {
      const begin = performance.now();
      while (pressed.length && performance.now() - begin < 2000) await nextFrame();
    };
    seen.stop = async () => {
      await seen.answered();
      running = false;
      observer.disconnect();
      window.removeEventListener("keydown", onDown, true);
      window.removeEventListener("keyup", onUp, true);
      return { paints: seen.paints, pictures: seen.pictures, drawn: seen.drawn, unpainted: pressed.length };
    };
    window.courseWatch = seen;
  }

  const picture = (element) =>
    element.innerHTML + [...element.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL()).join();

  return { panel, open, close, kernelIsGone, theme, runAll, settle, ask, state, watch };
})();
