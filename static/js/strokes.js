/** The drawing as data: immutable strokes, and the history for undo and redo. */
import { boundingBox, thin, touches } from "./geometry.js";

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
  get strokes() {
    return this.#states[this.#now];
  }

  get empty() {
    return this.strokes.length === 0;
  }

  get canUndo() {
    return this.#now > 0;
  }

  get canRedo() {
    return this.#now < this.#states.length - 1;
  }

  get box() {
    return boundingBox(this.strokes.map((each) => each.points));
  }

  #step(strokes) {
    this.#states = [...this.#states.slice(0, this.#now + 1), strokes];
    this.#now += 1;
  }

  add(added) {
    this.#step([...this.strokes, added]);
  }

  /** Replaces what the eraser took away; one sweep of the eraser is one step of the history. */
  keep(strokes) {
    if (strokes.length !== this.strokes.length) this.#step(strokes);
  }

  clear() {
    if (!this.empty) this.#step([]);
  }

  undo() {
    if (this.canUndo) this.#now -= 1;
  }

  redo() {
    if (this.canRedo) this.#now += 1;
  }

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
