// An image as a sequence: patches cut out and put back, and which number of a patch's vector is which pixel.
// Images are [channel][row][column]; helpers.models.vision does the same, tests/test_patch_slicer.py holds the two together.

const upTo = (n) => Array.from({ length: n }, (_, i) => i);

// Patches row by row; inside a patch channel, row, column.
export function cutPatches(image, patch) {
  const [rows, columns] = [image[0].length / patch, image[0][0].length / patch];
  const vectors = upTo(rows * columns).map((place) => {
    const [top, left] = [patch * Math.floor(place / columns), patch * (place % columns)];
    return image.flatMap((channel) => channel.slice(top, top + patch).flatMap((row) => row.slice(left, left + patch)));
  });
  return { rows, columns, vectors };
}

// The picture that these vectors make when they are laid row by row.
export function joinPatches(vectors, patch, columns) {
  const [height, width] = [(patch * vectors.length) / columns, patch * columns];
  return upTo(vectors[0].length / patch ** 2).map((channel) => upTo(height).map((y) => upTo(width).map((x) =>
    vectors[Math.floor(y / patch) * columns + Math.floor(x / patch)][numberOf([channel, y % patch, x % patch], patch)])));
}

// Number k of a vector is this [channel, row, column] of its patch, all from 0; and back.
export const pixelOf = (k, patch) => [Math.floor(k / patch ** 2), Math.floor(k / patch) % patch, k % patch];
export const numberOf = ([channel, row, column], patch) => (channel * patch + row) * patch + column;

// Which place each patch of the sequence comes from; `draw` holds more places than there are.
export const sequenceOrder = (draw, n, shuffled) => (shuffled ? draw.filter((place) => place < n) : upTo(n));

// From dark to light, then by their numbers: the same heap in whatever order the patches come.
export function heapOrder(vectors) {
  const sums = vectors.map((vector) => Math.floor(1e4 * vector.reduce((sum, x) => sum + x, 0) + 0.5));
  const byNumbers = (a, b) => {
    const k = a.findIndex((x, i) => x !== b[i]);
    return k < 0 ? 0 : a[k] - b[k];
  };
  return upTo(vectors.length).sort((i, j) => sums[i] - sums[j] || byNumbers(vectors[i], vectors[j]));
}

// Every patch size that divides the image, with what it costs: patches, pairs of patches, numbers in a vector.
export function patchCosts([channels, height, width]) {
  const sizes = upTo(Math.min(height, width)).map((i) => i + 1).filter((size) => height % size === 0 && width % size === 0);
  return sizes.map((patch) => {
    const n = (height / patch) * (width / patch);
    return { patch, n, pairs: n * n, numbers: channels * patch * patch };
  });
}
