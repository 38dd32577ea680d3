/** The drawing pad: a canvas, the pointer that draws on it, and the strokes it makes. */
import { PAD_HEIGHT, clamp } from "./geometry.js";
import { paint } from "./render.js";
import { erased, stroke } from "./strokes.js";

/** How far beyond its edge, as a share of its height, the pad still follows a pen that left it. */
const OVERSHOOT = 0.08;
const ERASER = 18;
/** `buttons` of a pointer event while a pen is turned round, or its eraser button is held. */
const PEN_ERASER = 32;

/**
 * `onChange(finished)` is called with false while a stroke grows, and with true when the drawing
 * changed for good. `onStart()` comes before the first point of a stroke.
 */
export class Pad {
  #canvas;
  #context;
  #pointer = null;
  #points = [];
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
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      canvas.addEventListener(end, (event) => this.#up(event));
    }
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
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
    return this.#pointer !== null;
  }

  /** What is on the pad: the finished strokes and the one being drawn. */
  get strokes() {
    if (this.#left) return this.#left;
    if (this.#points.length === 0) return this.drawing.strokes;
    return [...this.drawing.strokes, stroke([...this.#points], this.width, this.pressed)];
  }

  /** Client pixels to units. */
  #place(event) {
    const box = this.#canvas.getBoundingClientRect();
    const scale = PAD_HEIGHT / box.height;
    const slack = OVERSHOOT * PAD_HEIGHT;
    const x = clamp((event.clientX - box.left) * scale, -slack, box.width * scale + slack);
    const y = clamp((event.clientY - box.top) * scale, -slack, PAD_HEIGHT + slack);
    return [x, y, this.pressed ? clamp(event.pressure, 0, 1) : 0.5];
  }

  #down(event) {
    if (this.#pointer !== null || (event.button !== 0 && event.button !== 5)) return;
    event.preventDefault();
    this.#canvas.focus({ preventScroll: true, focusVisible: false });
    this.onStart();
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.pressed = event.pointerType === "pen";
    const point = this.#place(event);
    if (this.erasing || event.buttons & PEN_ERASER) {
      this.#left = this.drawing.strokes;
      this.#last = point;
      this.#wipe(point);
    } else {
      this.#points = [point];
      this.onChange(false);
    }
    this.draw();
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    for (const each of coalesced.length ? coalesced : [event]) {
      const point = this.#place(each);
      if (this.#left) this.#wipe(point);
      else this.#points.push(point);
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
  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    if (this.#left) this.drawing.keep(this.#left);
    else this.drawing.add(stroke(this.#points, this.width, this.pressed));
    this.#left = null;
    this.#points = [];
    this.draw();
    this.onChange(true);
  }

  /** A point from the keyboard's pen: it starts a stroke, or continues the one it started. */
  press(x, y) {
    if (this.busy) return;
    if (this.#points.length === 0) this.onStart();
    this.pressed = false;
    this.#points.push([x, y, 0.5]);
    this.draw();
    this.onChange(false);
  }

  /** Lifts the keyboard's pen. */
  lift() {
    if (this.busy || this.#points.length === 0) return;
    this.drawing.add(stroke(this.#points, this.width));
    this.#points = [];
    this.draw();
    this.onChange(true);
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
