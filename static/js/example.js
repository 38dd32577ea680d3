/** An example for those who want to look first: digits written on the pad, stroke by stroke. */
import { PAD_HEIGHT } from "./geometry.js";

/** Digits as pen strokes in hundredths of the pad's height, written for this page. */
const DIGITS = {
  1: [[[38, 30], [44, 25], [50, 18], [53, 14], [53, 26], [52, 42], [52, 58], [51, 74], [51, 87]]],
  2: [[[30, 32], [32, 23], [40, 16], [50, 14], [60, 17], [66, 25], [66, 36], [60, 48], [50, 60], [40, 71], [30, 82], [28, 85], [40, 84], [54, 83], [66, 83], [74, 84]]],
  3: [[[31, 22], [40, 15], [51, 14], [61, 18], [65, 27], [61, 38], [52, 45], [44, 47], [54, 48], [64, 54], [69, 64], [66, 76], [56, 84], [44, 86], [34, 83], [28, 76]]],
  5: [
    [[37, 16], [36, 27], [34, 40], [33, 45], [42, 41], [53, 40], [63, 46], [68, 57], [67, 70], [59, 81], [47, 86], [36, 84], [29, 78]],
    [[37, 16], [48, 16], [60, 15], [69, 14]],
  ],
  8: [[[62, 24], [52, 15], [40, 17], [35, 28], [41, 39], [52, 47], [63, 58], [67, 71], [60, 83], [48, 87], [36, 82], [32, 70], [38, 57], [50, 47], [61, 37], [64, 27], [60, 20]]],
  9: [[[65, 30], [58, 19], [47, 15], [36, 21], [32, 33], [37, 44], [48, 47], [58, 42], [65, 31], [65, 45], [62, 62], [57, 77], [52, 88]]],
};
const ONES = ["5", "3", "8", "2", "9"];
const NUMBERS = ["1998", "28", "253"];

/** Points written in one frame of the screen, on the way from one recorded point to the next. */
const BETWEEN = 3;

/** A smooth way through `points` (uniform Catmull-Rom), with `BETWEEN` steps from each to the next. */
export function smooth(points) {
  const ends = [points[0], ...points, points.at(-1)];
  const path = [points[0]];
  for (let i = 1; i < points.length; i += 1) {
    const [a, b, c, d] = ends.slice(i - 1, i + 3);
    for (let step = 1; step <= BETWEEN; step += 1) {
      const t = step / BETWEEN;
      const along = (k) => b[k] + (t / 2) * (c[k] - a[k] + t * (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k] + t * (3 * (b[k] - c[k]) + d[k] - a[k])));
      path.push([along(0), along(1)]);
    }
  }
  return path;
}

/** The strokes of `text` in the pad's units, in the middle of a pad `width` wide. */
export function strokesOf(text, width) {
  const scale = (text.length > 1 ? 6.2 : 10) * (PAD_HEIGHT / 1000);
  const advance = text.length > 1 ? 470 : 1000;
  const left = (width - advance * text.length) / 2;
  const top = (PAD_HEIGHT - 100 * scale) / 2;
  return [...text].flatMap((digit, place) =>
    DIGITS[digit].map((points) => {
      const middle = left + advance * (place + 0.5) - 50 * scale;
      return smooth(points).map(([x, y]) => [middle + x * scale, top + y * scale]);
    }),
  );
}

export class Example {
  #turn = 0;
  #running = 0;

  constructor(pad) {
    this.pad = pad;
  }

  /** Writes the next example, at once for those who want nothing to move; `stop` ends it early. */
  async write(many) {
    const mine = (this.#running += 1);
    const list = many ? NUMBERS : ONES;
    const text = list[this.#turn % list.length];
    this.#turn += 1;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const points of strokesOf(text, this.pad.unitWidth)) {
      for (const [x, y] of points) {
        if (mine !== this.#running) return;
        this.pad.press(x, y);
        if (!still) await new Promise((resolve) => { setTimeout(resolve, 16); });
      }
      if (mine !== this.#running) return;
      this.pad.lift();
    }
  }

  stop() {
    this.#running += 1;
  }
}
