/** An example for those who want to look first: digits written on the pad, stroke by stroke. */
import { PAD_HEIGHT } from "./strokes.js";

/** Digits as pen strokes in hundredths of the pad's height, a point for every frame, written for this page. */
const DIGITS = new URL("../example.json", import.meta.url);
const ONES = ["5", "3", "8", "2", "9"];
const NUMBERS = ["1998", "28", "253"];

/** The strokes of `text` in the pad's units, in the middle of a pad `width` wide; `digits` has those of each digit. */
export function strokesOf(text, width, digits) {
  const scale = (text.length > 1 ? 6.2 : 10) * (PAD_HEIGHT / 1000);
  const advance = text.length > 1 ? 470 : 1000;
  const left = (width - advance * text.length) / 2;
  const top = (PAD_HEIGHT - 100 * scale) / 2;
  return [...text].flatMap((digit, place) =>
    digits[digit].map((points) => {
      const middle = left + advance * (place + 0.5) - 50 * scale;
      return points.map(([x, y]) => [middle + x * scale, top + y * scale]);
    }),
  );
}

export class Example {
  #turn = 0;
  #running = 0;
  /** Whether what is on the pad was written by the example, and whether it still writes. */
  wrote = false;
  writing = false;

  constructor(pad) { this.pad = pad; }

  /** Writes the next example, at once for those who want nothing to move; `stop` ends it early. */
  async write(many) {
    const mine = (this.#running += 1);
    const list = many ? NUMBERS : ONES;
    const text = list[this.#turn % list.length];
    this.#turn += 1;
    this.wrote = this.writing = true;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.digits ??= await (await fetch(DIGITS)).json();
    for (const points of strokesOf(text, this.pad.unitWidth, this.digits)) {
      for (const [x, y] of points) {
        if (mine !== this.#running) return;
        this.pad.press(x, y);
        if (!still) await new Promise((resolve) => { setTimeout(resolve, 16); });
      }
      if (mine !== this.#running) return;
      this.pad.lift();
    }
    this.writing = false;
  }

  stop() {
    this.#running += 1;
    this.writing = false;
  }
}
