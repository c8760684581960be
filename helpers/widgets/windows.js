// Windows over a series and the parts they go to: the arithmetic of helpers.splits. A window is known by the row it starts at.

const WINDOW_PARTS = ["train", "validation", "test"];

const countUp = (first, stop) => Array.from({ length: Math.max(0, stop - first) }, (_, i) => first + i);

// Where the windows of each part start: { train, validation, test }, and those that are left out.
export function windowParts({ nSteps, length, horizon, cuts, gap, shuffle, drop, order }) {
  const reach = length + horizon - 1; // from a window's first row to its target
  const nWindows = nSteps - reach;
  const edges = [0, ...cuts, nSteps];
  const parts = shuffle ? dealtOut(order, nSteps, cuts) : WINDOW_PARTS.map((_, i) => {
    const stop = drop ? edges[i + 1] - reach : Math.min(edges[i + 1], nWindows);
    return countUp(edges[i] + (i ? gap : 0), stop);
  });
  const used = new Set(parts.flat());
  const named = Object.fromEntries(WINDOW_PARTS.map((name, i) => [name, parts[i]]));
  return { ...named, left: countUp(0, nWindows).filter((start) => !used.has(start)) };
}

// Random windows, in the shares that the cuts give.
function dealtOut(order, nSteps, [first, second]) {
  const shares = [first / nSteps, first / nSteps + (second - first) / nSteps];
  const [a, b] = shares.map((share) => Math.floor(order.length * share + 0.5));
  return [order.slice(0, a), order.slice(a, b), order.slice(b)];
}

// The rows that one window uses: its inputs and its target.
const rowsOfWindow = (start, length, horizon) => [...countUp(start, start + length), start + length + horizon - 1];

// Which rows a part uses: true or false for each row of the series.
export function rowsUsed(starts, { nSteps, length, horizon }) {
  const used = Array(nSteps).fill(false);
  starts.forEach((start) => rowsOfWindow(start, length, horizon).forEach((row) => (used[row] = true)));
  return used;
}

// The windows of `starts` that use one of these rows.
export const windowsThatShare = (starts, used, { length, horizon }) =>
  starts.filter((start) => rowsOfWindow(start, length, horizon).some((row) => used[row]));

// What leaks, as [name, count, of]; nothing where the split is honest.
export function windowLeaks(parts, settings) {
  const { nSteps, length, horizon, scaler } = settings;
  const { train, validation, test } = parts;
  const shared = (name, other) => [`${name} windows that share rows with ${other}`,
    windowsThatShare(parts[name], rowsUsed(parts[other], settings), settings).length, parts[name].length];
  const firstTest = test.reduce((least, start) => Math.min(least, start), nSteps);
  const late = test.length ? train.filter((start) => start + length + horizon - 1 > firstTest).length : 0;
  const seen = rowsUsed(train, settings).filter(Boolean).length;
  return [
    shared("validation", "train"), shared("test", "train"), shared("test", "validation"),
    ["train windows that reach into the time of the test", late, train.length],
    ["rows outside train that the scaler was fitted on", scaler === "all" ? nSteps - seen : 0, nSteps],
  ].filter(([, count]) => count);
}

// How far a cut or the gap may go: every part keeps room for one window. Returns [least, most].
export function cutRange(which, { nSteps, length, horizon, cuts, gap }) {
  const room = length + horizon;
  if (which === "gap") return [0, Math.min(cuts[1] - cuts[0], nSteps - cuts[1]) - room];
  return which === 0 ? [room, cuts[1] - gap - room] : [cuts[0] + gap + room, nSteps - gap - room];
}

// Mean and standard deviation of the chosen rows, of the population; 1 where nothing changes.
export function meanAndStd(x, used) {
  const values = x.filter((_, row) => used[row]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return [mean, values.every((value) => value === values[0]) ? 1 : std];
}
