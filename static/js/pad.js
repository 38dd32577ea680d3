/** The drawing pad: a canvas, what draws on it, and the strokes it makes. */
import { Tracker } from "./pointer.js";
import { PAD_HEIGHT, clamp, curves, distance, erased, stroke } from "./strokes.js";

/** How far beyond the pad's edge a pen is followed, as a share of the pad's height. */
const OVERSHOOT = 0.08;
const ERASER = 18;

/** A stroke that reaches no further than this, in units, has barely begun. */
const SPECK = 30;

/** One stroke, in units; the context is scaled by the caller. */
export function paintStroke(context, { points, width, pressed }) {
  const path = curves(points);
  if (path.length === 0) return;
  context.lineCap = "round";
  context.lineJoin = "round";
  // A pen's pieces have half its width at no pressure and one and a half at full; a mouse draws one line.
  for (const curves of pressed ? path.map((each) => [each]) : [path]) {
    const [{ from, pressure }] = curves;
    context.lineWidth = pressed ? width * (0.5 + pressure) : width;
    context.beginPath();
    context.moveTo(from[0], from[1]);
    for (const { control, to } of curves) context.quadraticCurveTo(control[0], control[1], to[0], to[1]);
    context.stroke();
  }
}

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
  #remaining = null;
  #last = null;
  #frame = 0;
  width = 55;
  erasing = false;

  constructor(canvas, drawing, { onChange, onStart }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    Object.assign(this, { drawing, onChange, onStart });
    this.#tracker = new Tracker(canvas, {
      start: (place, how) => this.#down(place, how),
      move: (places) => this.#move(places),
      end: () => this.#up(),
    });
    new ResizeObserver(() => this.draw()).observe(canvas);
    for (const name of ["visibilitychange", "resize"]) addEventListener(name, () => this.draw(), true);
    this.paint();
  }

  /** The pad's extent in units: the height is fixed, the width follows its shape on the page. */
  get unitWidth() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    return height ? (width / height) * PAD_HEIGHT : PAD_HEIGHT;
  }

  get busy() { return this.#tracker.busy; }

  /** What is on the pad: the finished strokes and the one being drawn. */
  get strokes() {
    if (this.#remaining) return this.#remaining;
    if (this.#points.length === 0) return this.drawing.strokes;
    return [...this.drawing.strokes, stroke([...this.#points], this.width, this.pressed)];
  }

  /** Whether there is no ink at all. */
  get blank() { return this.#points.length === 0 && (this.#remaining ?? this.drawing.strokes).length === 0; }

  /** Whether the only stroke has barely begun, and shows no more than where a pen came down. */
  get speck() { return this.#points.length > 0 && this.drawing.strokes.length === 0 && this.#reach < SPECK; }

  /** Adds a point; cheap, as a stroke may have tens of thousands. */
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
    this.#commit();
    this.#start(pen, this.erasing || eraser);
    this.#move([place]);
  }

  /** Begins a stroke, or a sweep of the eraser. */
  #start(pen, erasing) {
    this.onStart();
    this.pressed = pen;
    if (erasing) [this.#remaining, this.#last] = [this.drawing.strokes, null];
  }

  #move(places) { this.#follow(places.map((place) => this.#place(place))); }

  #follow(points) {
    for (const point of points) {
      if (this.#remaining) this.#eraseAt(point);
      else this.#add(point);
    }
    this.draw();
    if (!this.#remaining) this.onChange(false);
  }

  #eraseAt(point) {
    const before = this.#remaining.length;
    this.#remaining = erased(this.#remaining, this.#last ?? point, point, ERASER);
    this.#last = point;
    if (this.#remaining.length !== before) this.onChange(false);
  }

  /** The pen was lifted, or the browser took the pointer away: what was drawn so far stays. */
  #up() {
    this.#commit();
    this.draw();
    this.onChange(true);
  }

  /** Makes what is being drawn or erased a step of the drawing. */
  #commit() {
    if (this.#remaining) this.drawing.keep(this.#remaining);
    else if (this.#points.length) this.drawing.add(stroke(this.#points, this.width, this.pressed));
    this.#remaining = null;
    this.#points = [];
  }

  /** Drops the stroke that is being drawn; gives whether there was one. */
  drop() {
    const busy = this.busy || this.#points.length > 0;
    this.#tracker.release();
    this.#remaining = null;
    this.#points = [];
    return busy;
  }

  /** Ends the stroke that is being drawn. */
  finish() {
    this.#tracker.release();
    if (this.#remaining || this.#points.length) this.#up();
  }

  /** Takes a point from the keyboard's pen or its eraser, which begins a stroke or continues its own. */
  press(x, y) {
    if (this.busy) return;
    if (!this.#remaining && this.#points.length === 0) this.#start(false, this.erasing);
    this.#follow([[x, y, 0.5]]);
  }

  /** Lifts the keyboard's pen. */
  lift() {
    if (!this.busy) this.finish();
  }

  /** Paints at once, as sharp as the screen is. */
  paint() {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const [across, down] = [width, height].map((side) => Math.round(side * devicePixelRatio));
    if (across !== this.#canvas.width || down !== this.#canvas.height) Object.assign(this.#canvas, { width: across, height: down });
    const scale = this.#canvas.height / PAD_HEIGHT;
    this.#context.resetTransform();
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#context.scale(scale, scale);
    this.#context.strokeStyle = getComputedStyle(this.#canvas).color;
    for (const each of this.strokes) paintStroke(this.#context, each);
  }

  /** Paints once at the next frame, however often it is called until then. */
  draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.paint());
  }
}
