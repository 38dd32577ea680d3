/**
 * Pen strokes -> the network's field, as the service draws it (model/ink/strokes.py): the same steps with
 * the same rounding give the same pixels.
 */
import { boundingBox, clamp } from "../strokes.js";

const SIDE = 28;
const BOX = 20;
const CENTRE = 14.5;
const PEN = 2.5;
const SPACING = 0.35;
const MOST_PRINTS = 4000;
const LEAST_SPAN = 1e-12;
const LEAST_WAY = 1e-6;
const PRESSED = [0.6, 1.5];
const RADIUS = PEN / 2;
const MARGIN = 1 + RADIUS;

const { fround } = Math;
const sum = (values) => values.reduce((a, b) => a + b, 0);
const mean = (values) => sum(values) / values.length;

/** Linear interpolation between the points (way[i], values[i]): the values at `places`, which rise. */
function interpolated(places, way, values) {
  let at = 0;
  return places.map((place) => {
    while (at + 1 < way.length && way[at + 1] <= place) at += 1;
    if (at + 1 === way.length || way[at] === place) return values[at];
    return ((values[at + 1] - values[at]) / (way[at + 1] - way[at])) * (place - way[at]) + values[at];
  });
}

/** Where the pen is set down, evenly along each stroke: places along the way through all points. */
function printsAlong(lengths, way) {
  let last = -1;
  const ends = lengths.map((length) => [last + 1, (last += length)]);
  const longs = ends.map(([from, to]) => way[to] - way[from]);
  const spacing = Math.max(SPACING, sum(longs) / MOST_PRINTS);
  return longs.flatMap((long, stroke) => {
    const count = long > LEAST_WAY ? Math.trunc(long / spacing + LEAST_WAY) + 2 : 1;
    const step = long / Math.max(count - 1, 1);
    return Array.from({ length: count }, (_, i) => i * step + way[ends[stroke][0]]);
  });
}

/** Antialiased ink: how far each pixel's centre lies inside the nearest of the pen's round prints. */
function covered(xs, ys, radii, widest) {
  const side = Math.ceil(2 * widest + 1);
  const deepest = new Float32Array(SIDE * SIDE).fill(-0.5);
  const squared = (corner, place, pixel) => {
    const offset = fround(fround(corner - place) + fround(pixel + 0.5));
    return fround(offset * offset);
  };
  for (let i = 0; i < xs.length; i += 1) {
    const [left, top] = [Math.floor(xs[i] - widest), Math.floor(ys[i] - widest)];
    const radius = fround(radii ? radii[i] : RADIUS);
    for (let y = 0; y < side; y += 1) {
      const down = squared(top, ys[i], y);
      for (let x = 0; x < side; x += 1) {
        const inside = fround(radius - fround(Math.sqrt(fround(down + squared(left, xs[i], x)))));
        const at = (top + y) * SIDE + left + x;
        if (inside > deepest[at]) deepest[at] = inside;
      }
    }
  }
  return Uint8Array.from(deepest, (depth) => Math.round(fround(clamp(fround(depth + 0.5), 0, 1) * 255)));
}

/** Draws `strokes`, [[[x, y] or [x, y, pressure], ...], ...] in any units: 784 values, 0 background to 255 ink. */
export function fieldOf(strokes) {
  const lines = strokes.filter((line) => line.length);
  const points = lines.flat();
  const [left, top, ...sides] = boundingBox(lines);
  const span = Math.max(...sides);
  const scale = span > LEAST_SPAN ? (BOX - PEN) / span : 1;
  const fitted = points.map(([x, y]) => [(x - left) * scale, (y - top) * scale]);
  const firsts = new Set();
  lines.reduce((first, line) => firsts.add(first) && first + line.length, 0);
  let walked = 0;
  const way = fitted.map(([x, y], i) => {
    // The way along all strokes, laid end to end with a gap between them.
    walked += firsts.has(i) ? 1 : Math.sqrt((x - fitted[i - 1][0]) ** 2 + (y - fitted[i - 1][1]) ** 2);
    return walked;
  });
  const places = printsAlong(lines.map(({ length }) => length), way);
  const [xs, ys] = [0, 1].map((axis) => {
    const along = interpolated(places, way, fitted.map((point) => point[axis]));
    const shift = clamp(CENTRE - mean(along), MARGIN, SIDE - MARGIN - sides[axis] * scale);
    return along.map((value) => value + shift);
  });
  if (points.every(({ length }) => length < 3)) return covered(xs, ys, null, RADIUS);
  const pressures = interpolated(places, way, points.map((point) => point[2] ?? 1));
  const usual = mean(pressures);
  const radii = pressures.map((each) => RADIUS * (usual > 0 ? clamp(each / usual, ...PRESSED) : 1));
  return covered(xs, ys, radii, RADIUS * PRESSED[1]);
}

/** How many digits seem to stand side by side: groups of strokes with clear space between. */
export function pieces(strokes) {
  const lines = strokes.filter((line) => line.length);
  const boxes = lines.map((line) => boundingBox([line]));
  const spans = boxes.map(([x, y, width, height]) => [x, x + width, y, y + height]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const extent = (from, to) => Math.max(...spans.map((span) => span[to])) - Math.min(...spans.map((span) => span[from]));
  const tall = Math.max(extent(2, 3), 0.2 * extent(0, 1), 1e-9);
  const groups = [];
  for (const [from, to, high, low] of spans) {
    const last = groups.at(-1);
    if (last && from <= last[1] + 0.12 * tall) groups[groups.length - 1] = [last[0], Math.max(last[1], to), Math.min(last[2], high), Math.max(last[3], low)];
    else groups.push([from, to, high, low]);
  }
  return groups.filter(([, , high, low]) => low - high > 0.5 * tall).length || 1;
}
