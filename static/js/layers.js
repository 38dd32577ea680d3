/**
 * What LeNet-5's layers are: sizes, parameters, which map feeds which, and the window behind a pixel.
 * (LeCun et al. 1998, section II.B; the counts follow from the shapes, so they hold for every variant.)
 */

export const ORDER = ["input", "C1", "S2", "C3", "S4", "C5", "F6", "output"];

/** The layers that are made of maps, each of which can be chosen. */
export const MAPPED = ["C1", "S2", "C3", "S4"];

/** Maps, height and width of a layer's `shape`, whatever its number of axes. */
export function extent(shape) {
  if (shape.length >= 3) return shape.slice(-3);
  if (shape.length === 2) return [1, ...shape];
  return [1, 1, shape[0]];
}

/** The values of one map of `layer` = `{shape, values}`. */
export function mapOf(layer, map) {
  const [, height, width] = extent(layer.shape);
  return layer.values.slice(map * height * width, (map + 1) * height * width);
}

/** Which maps of the layer before feed map `map`; `connections` is C3's table. */
export function feeders(layer, map, connections) {
  if (layer === "C1") return [0];
  if (layer === "S2" || layer === "S4") return [map];
  if (layer === "C3") return connections?.[map] ?? [0, 1, 2, 3, 4, 5];
  return [];
}

/** Which maps of the layer after `layer` map `map` feeds. */
export function fed(layer, map, connections) {
  const next = ORDER[ORDER.indexOf(layer) + 1];
  if (!MAPPED.includes(next)) return [];
  const maps = next === "S2" ? 6 : 16;
  return Array.from({ length: maps }, (_, i) => i).filter((each) => feeders(next, each, connections).includes(map));
}

/** How many links lead from S2 to C3: 60 in the table of 1998, 96 when every map feeds every other. */
export const links = (connections) => (connections ? connections.reduce((sum, each) => sum + each.length, 0) : 96);

/**
 * Trainable parameters of each layer, given the network's total: a subsampling with parameters has two
 * a map (12 and 32), and an output of fixed codes has none.
 */
export function parameters(total, connections) {
  const fixed = { C1: 6 * 26, C3: links(connections) * 25 + 16, C5: 120 * (16 * 25 + 1), F6: 84 * 121 };
  const sum = Object.values(fixed).reduce((a, b) => a + b, 0);
  const rest = total - sum;
  const pooled = rest === 44 || rest === 44 + 850;
  return { input: 0, ...fixed, S2: pooled ? 12 : 0, S4: pooled ? 32 : 0, output: rest >= 850 ? 850 : 0 };
}

/** How a layer's parameters are counted: maps or units, times the weights of each, and one bias for each. */
export const formula = (layer, connections) =>
  ({
    C1: "6 × (5 × 5 + 1)",
    S2: "6 × (1 + 1)",
    C3: links(connections) < 96 ? `${links(connections)} × 5 × 5 + 16` : "16 × (6 × 5 × 5 + 1)",
    S4: "16 × (1 + 1)",
    C5: "120 × (16 × 5 × 5 + 1)",
    F6: "84 × (120 + 1)",
    output: "10 × (84 + 1)",
  })[layer];

/**
 * The window `{x, y, size}` of the layer before that made pixel (x, y) of `layer`. It may reach beyond
 * the edge where the convolution is padded.
 */
export function receptive(layer, x, y, inWidth, outWidth) {
  if (layer === "S2" || layer === "S4") return { x: 2 * x, y: 2 * y, size: 2 };
  const pad = (outWidth + 4 - inWidth) / 2;
  return { x: x - pad, y: y - pad, size: 5 };
}

/** Squared distances from F6 to each code: what the 1998 output layer computes (equation 7). */
export const distances = (units, codes) =>
  codes.map((code) => code.reduce((sum, wanted, i) => sum + (units[i] - wanted) ** 2, 0));

/** C3's kernel for its map `map` and S2's map `source`, 25 values; zeros where there is no link. */
export function kernelOf(kernel, map, source) {
  const [, inputs, height, width] = kernel.shape;
  const start = (map * inputs + source) * height * width;
  return kernel.values.slice(start, start + height * width);
}
