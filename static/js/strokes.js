/**
 * The drawing as data: points, immutable strokes, and the history for undo and redo. A point is
 * `[x, y, pressure]`: x to the right, y down, in pad units (the pad is 1000 units high), pressure from 0 to 1.
 */

/** The height of the pad in units, whatever its size on the screen; widths follow from the mode. */
export const PAD_HEIGHT = 1000;

export const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Distance in units from a point to the segment from `a` to `b`. */
export function distanceToSegment(point, a, b) {
  const dx = b[0] - a[0];
  const dy = b[1] - a[1];
  const squared = dx * dx + dy * dy;
  if (squared === 0) return distance(point, a);
  const t = clamp(((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / squared, 0, 1);
  return Math.hypot(point[0] - a[0] - t * dx, point[1] - a[1] - t * dy);
}

/** Whether segments ab and cd cross. */
function cross(a, b, c, d) {
  const side = (p, q, r) => Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Whether an eraser of `radius` moved from `from` to `to` touches the line through `points`. */
export function touches(points, from, to, radius) {
  const near = (a, b) => distanceToSegment(to, a, b) <= radius || distanceToSegment(a, from, to) <= radius || cross(a, b, from, to);
  return points.some((point, i) => near(point, points[i + 1] ?? point));
}

/** `[x, y, width, height]` of all points, or null when there are none. */
export function boundingBox(lines) {
  const points = lines.flat();
  if (points.length === 0) return null;
  const most = (extreme, axis) => points.reduce((found, point) => extreme(found, point[axis]), points[0][axis]);
  const [left, top] = [most(Math.min, 0), most(Math.min, 1)];
  return [left, top, most(Math.max, 0) - left, most(Math.max, 1) - top];
}

/**
 * The points without those nearer than `gap` units to the one kept before; the last one always stays,
 * so a stroke ends where the pen left the pad.
 */
export function thin(points, gap) {
  const kept = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    if (!last || distance(last, point) >= gap) kept.push(point);
    else if (i === points.length - 1 && kept.length > 1 && distance(last, point) > 0) kept[kept.length - 1] = point;
  });
  return kept;
}

/**
 * The smooth path through a stroke: quadratic curves from midpoint to midpoint, with the points as
 * controls, so that neighbours share their tangent. Each has the mean pressure of its ends.
 * One point gives one curve of no length, which a round cap draws as a dot.
 */
export function curves(points) {
  if (points.length === 0) return [];
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [first] = points;
  if (points.length === 1) return [{ from: first, control: first, to: first, pressure: first[2] }];
  const path = [];
  let from = first;
  for (let i = 1; i < points.length; i += 1) {
    const to = i === points.length - 1 ? points[i] : middle(points[i], points[i + 1]);
    path.push({ from, control: points[i], to, pressure: (points[i - 1][2] + points[i][2]) / 2 });
    from = to;
  }
  return path;
}

/**
 * How to carry a drawing from a pad of one width to another, as `{scale, dx, dy}` (new = old * scale + d):
 * shifted by half the difference, and made smaller only if it would not fit.
 */
export function carry(box, fromWidth, toWidth, margin = 40) {
  const shift = (toWidth - fromWidth) / 2;
  if (!box || (box[0] + shift >= 0 && box[0] + box[2] + shift <= toWidth)) return { scale: 1, dx: shift, dy: 0 };
  const scale = Math.min(1, (toWidth - 2 * margin) / box[2]);
  const middleX = box[0] + box[2] / 2;
  const middleY = box[1] + box[3] / 2;
  return { scale, dx: toWidth / 2 - middleX * scale, dy: PAD_HEIGHT / 2 - middleY * scale };
}

/** Points nearer than this many units add nothing that a 28 x 28 image could show. */
const SENT_GAP = 3;

/** Points sent at most: well below what a server takes, and far above what any digit has. */
const MOST_POINTS = 6000;

/**
 * A finished stroke. `points` are `[x, y, pressure]`; `width` is the pen's in units; `pressed` tells
 * whether the pressures were measured (a pen) or are the constant of a mouse or finger.
 */
export const stroke = (points, width, pressed = false) => Object.freeze({ points: Object.freeze(points), width, pressed });

export class Drawing {
  #states = [[]];
  #now = 0;

  /** The strokes as they are, oldest first. */
  get strokes() { return this.#states[this.#now]; }

  get empty() { return this.strokes.length === 0; }
  get canUndo() { return this.#now > 0; }
  get canRedo() { return this.#now < this.#states.length - 1; }
  get box() { return boundingBox(this.strokes.map((each) => each.points)); }

  #step(strokes) {
    this.#states = [...this.#states.slice(0, this.#now + 1), strokes];
    this.#now += 1;
  }

  add(added) { this.#step([...this.strokes, added]); }

  /** Replaces what the eraser took away; one sweep of the eraser is one step of the history. */
  keep(strokes) {
    if (strokes.length !== this.strokes.length) this.#step(strokes);
  }

  clear() { if (!this.empty) this.#step([]); }
  undo() { if (this.canUndo) this.#now -= 1; }
  redo() { if (this.canRedo) this.#now += 1; }

  /** Moves every state of the history alike, so that undo still works after the pad changed its shape. */
  transform({ scale, dx, dy }) {
    const moved = new Map();
    const move = (each) => {
      if (!moved.has(each)) {
        const points = each.points.map(([x, y, pressure]) => [x * scale + dx, y * scale + dy, pressure]);
        moved.set(each, stroke(points, each.width * scale, each.pressed));
      }
      return moved.get(each);
    };
    this.#states = this.#states.map((state) => state.map(move));
  }
}

/** The strokes that an eraser of `radius` moved from `from` to `to` leaves. */
export const erased = (strokes, from, to, radius) =>
  strokes.filter((each) => !touches(each.points, from, to, radius + each.width / 2));

/** Those lines (lists of points) whose middle lies in a box, `[x, y, width, height]`. */
export const within = (lines, [x, y, width, height]) =>
  lines.filter((points) => {
    const [left, top, across, down] = boundingBox([points]);
    const [middle, centre] = [left + across / 2 - x, top + down / 2 - y];
    return middle >= 0 && middle <= width && centre >= 0 && centre <= height;
  });

const tenth = (value) => Math.round(value * 10) / 10;

/** The points of every stroke, thinned; of too many, every n-th and the last. */
function thinned(strokes) {
  const lines = strokes.map(({ points }) => thin(points, SENT_GAP));
  const step = Math.ceil(lines.reduce((sum, line) => sum + line.length, 0) / MOST_POINTS);
  return step > 1 ? lines.map((line) => line.filter((_, i) => i % step === 0 || i === line.length - 1)) : lines;
}

/** What is sent: `[[[x, y], ...], ...]`, with the pressure as a third value where a pen measured it. */
export const payload = (strokes) =>
  thinned(strokes).map((line, i) =>
    line.map(([x, y, pressure]) =>
      strokes[i].pressed ? [tenth(x), tenth(y), Math.round(pressure * 100) / 100] : [tenth(x), tenth(y)],
    ),
  );
