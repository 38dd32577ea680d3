/** The drawing pad: a canvas, what draws on it, and the strokes it makes. */
import { PAD_HEIGHT, clamp, distance } from "./geometry.js";
import { Tracker } from "./pointer.js";
import { paint } from "./render.js";
import { erased, stroke } from "./strokes.js";

/** How far beyond its edge, as a share of its height, the pad still follows a pen that left it. */
const OVERSHOOT = 0.08;
const ERASER = 18;

/** A stroke that reaches no further than this, in units, has barely begun. */
const SPECK = 30;

/**
 * `onChange(finished)` is called with false while a stroke grows, and with true when the drawing
 * changed for good. `onStart()` comes before the first point of a stroke.
 */
export class Pad {
  #canvas;
  #context;
  #tracker;
  #points = [];
  #reach = 0;
  #left = null;
  #last = null;
  #frame = 0;
  width = 55;
  erasing = false;

  constructor(canvas, drawing, { onChange, onStart }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.drawing = drawing;
    this.onChange = onChange;
    this.onStart = onStart;
    this.#tracker = new Tracker(canvas, {
      start: (place, how) => this.#down(place, how),
      move: (places) => this.#move(places),
      end: () => this.#up(),
    });
    new ResizeObserver(() => this.#resize()).observe(canvas);
    document.addEventListener("visibilitychange", () => this.draw());
    this.#resize();
  }

  /** The pad's extent in units: the height is fixed, the width follows its shape on the page. */
  get unitWidth() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    return height ? (width / height) * PAD_HEIGHT : PAD_HEIGHT;
  }

  get busy() {
    return this.#tracker.busy;
  }

  /** What is on the pad: the finished strokes and the one being drawn. */
  get strokes() {
    if (this.#left) return this.#left;
    if (this.#points.length === 0) return this.drawing.strokes;
    return [...this.drawing.strokes, stroke([...this.#points], this.width, this.pressed)];
  }

  /** Whether there is no ink at all. */
  get blank() {
    return this.#points.length === 0 && (this.#left ?? this.drawing.strokes).length === 0;
  }

  /** Whether the only stroke has barely begun: no more than where a pen came down. */
  get speck() {
    return this.#points.length > 0 && this.drawing.strokes.length === 0 && this.#reach < SPECK;
  }

  /** The next point of the stroke; kept cheap, for a stroke may have tens of thousands. */
  #add(point) {
    this.#points.push(point);
    this.#reach = this.#points.length > 1 ? Math.max(this.#reach, distance(this.#points[0], point)) : 0;
  }

  /** Client pixels to units. */
  #place({ clientX, clientY, pressure = 0.5 }) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = PAD_HEIGHT / box.height;
    const slack = OVERSHOOT * PAD_HEIGHT;
    const x = clamp((clientX - box.left) * scale, -slack, box.width * scale + slack);
    const y = clamp((clientY - box.top) * scale, -slack, PAD_HEIGHT + slack);
    return [x, y, this.pressed ? clamp(pressure, 0, 1) : 0.5];
  }

  #down(place, { pen, eraser }) {
    this.#canvas.focus({ preventScroll: true, focusVisible: false });
    this.#keep();
    this.onStart();
    this.pressed = pen;
    const point = this.#place(place);
    if (this.erasing || eraser) {
      this.#left = this.drawing.strokes;
      this.#last = point;
      this.#wipe(point);
    } else {
      this.#add(point);
      this.onChange(false);
    }
    this.draw();
  }

  #move(places) {
    for (const place of places) {
      const point = this.#place(place);
      if (this.#left) this.#wipe(point);
      else this.#add(point);
    }
    this.draw();
    if (!this.#left) this.onChange(false);
  }

  #wipe(point) {
    const before = this.#left.length;
    this.#left = erased(this.#left, this.#last, point, ERASER);
    this.#last = point;
    if (this.#left.length !== before) this.onChange(false);
  }

  /** The pen was lifted, or the browser took the pointer away: what was drawn so far stays. */
  #up() {
    this.#keep();
    this.draw();
    this.onChange(true);
  }

  /** Makes what is being drawn or erased a step of the drawing. */
  #keep() {
    if (this.#left) this.drawing.keep(this.#left);
    else if (this.#points.length) this.drawing.add(stroke(this.#points, this.width, this.pressed));
    this.#left = null;
    this.#points = [];
  }

  /** Drops the stroke that is being drawn, if there is one; tells whether there was. */
  drop() {
    const busy = this.busy || this.#points.length > 0;
    this.#tracker.release();
    this.#left = null;
    this.#points = [];
    return busy;
  }

  /** Ends the stroke that is being drawn, by whatever draws it. */
  finish() {
    this.#tracker.release();
    if (this.#left || this.#points.length) this.#up();
  }

  /** A point from the keyboard's pen: it starts a stroke, or continues the one it started. */
  press(x, y) {
    if (this.busy) return;
    if (this.#points.length === 0) this.onStart();
    this.pressed = false;
    this.#add([x, y, 0.5]);
    this.draw();
    this.onChange(false);
  }

  /** Lifts the keyboard's pen. */
  lift() {
    if (this.busy || this.#points.length === 0) return;
    this.#up();
  }

  #resize() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (across === this.#canvas.width && down === this.#canvas.height) return;
    this.#canvas.width = across;
    this.#canvas.height = down;
    this.#paint();
  }

  #paint() {
    const colour = getComputedStyle(this.#canvas).color;
    paint(this.#context, this.strokes, colour, this.#canvas.height / PAD_HEIGHT);
  }

  /** Paints at the next frame, once, however often it is called before. */
  draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#paint());
  }
}
