/** Drawing without a pointer: arrow keys move a cursor over the pad, Space puts its pen down. */
import { ARROWS, lay } from "./dom.js";
import { PAD_HEIGHT, clamp } from "./strokes.js";

const STEP = 50;
const FINE = 10;

const WAYS = { ...ARROWS, Home: [-1, -1], PageUp: [1, -1], End: [-1, 1], PageDown: [1, 1] };

/** The sum of the held keys' directions, each axis at most one step. */
const heading = (held) => [0, 1].map((axis) => clamp([...held].reduce((sum, key) => sum + WAYS[key][axis], 0), -1, 1));

/**
 * `commands` has what else the pad's keys do: undo, clear, erase, thinner, thicker.
 * `say(name, values)` announces 'penDown', 'penUp', and where the pen is: 'penAt', 'drawingAt'.
 */
export class KeyPen {
  #held = new Set();
  #down = false;
  #at = null;

  constructor(canvas, cursor, pad, { commands, say }) {
    Object.assign(this, { pad, cursor, say, commands });
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("keyup", (event) => this.#held.delete(event.key));
    canvas.addEventListener("blur", () => this.#leave());
    canvas.addEventListener("pointerdown", () => this.#leave());
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { undo, clear, erase, thinner, thicker } = this.commands;
    const act = { Escape: () => this.#lift(), Backspace: undo, Delete: clear, e: erase, E: erase, "[": thinner, "]": thicker }[event.key];
    if (event.key in WAYS) {
      this.#held.add(event.key);
      this.#go(heading(this.#held), event.shiftKey ? FINE : STEP);
    } else if (event.key === " " || event.key === "Enter") {
      if (!event.repeat) this.#toggle();
    } else if (act) act();
    else return undefined;
    return event.preventDefault();
  }

  #place() {
    this.#at ??= [this.pad.unitWidth / 2, PAD_HEIGHT / 2];
    const [x, y] = this.#at;
    this.cursor.hidden = false;
    lay(this.cursor, { left: (x / this.pad.unitWidth) * 100, top: (y / PAD_HEIGHT) * 100 });
    this.cursor.classList.toggle("down", this.#down);
  }

  #go([dx, dy], step) {
    this.#place();
    const [x, y] = this.#at;
    this.#at = [clamp(x + dx * step, 0, this.pad.unitWidth), clamp(y + dy * step, 0, PAD_HEIGHT)];
    if (this.#down) this.pad.press(...this.#at);
    this.#place();
    const share = (value, whole) => Math.round((value / whole) * 100);
    this.say(this.#down ? "drawingAt" : "penAt", { x: share(this.#at[0], this.pad.unitWidth), y: share(this.#at[1], PAD_HEIGHT) });
  }

  #toggle() {
    if (this.#down) return this.#lift();
    this.#down = true;
    this.#place();
    this.pad.press(...this.#at);
    return this.say("penDown");
  }

  #lift() {
    if (!this.#down) return;
    this.#down = false;
    this.#place();
    this.pad.lift();
    this.say("penUp");
  }

  #leave() {
    this.#held.clear();
    this.#lift();
    this.cursor.hidden = true;
  }

  /** The pen is up again after an undo or a change of the pad's shape. */
  reset() {
    this.#lift();
    this.#at = null;
  }
}
