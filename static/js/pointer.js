/**
 * Follows one mouse, finger or pen at a time, by its pointer events; or by the mouse and touch events of
 * programs that send no pointer events. Others are ignored until it is lifted.
 */

/** `buttons` of a pointer event while a pen is turned round, or its eraser button is held. */
const PEN_ERASER = 32;

const touchOf = (event, id) => [...event.changedTouches].find(({ identifier }) => `touch ${identifier}` === id);

export class Tracker {
  #element;
  #id = null;

  /**
   * `start(place, {pen, eraser})` is called when something comes down on `element`, `move(places)` as it
   * moves, wherever that is, and `end()` when it is lifted or taken away. A place has `clientX`, `clientY`
   * and, from a pointer, its `pressure`.
   */
  constructor(element, { start, move, end }) {
    this.#element = element;
    Object.assign(this, { start, move, end });
    element.addEventListener("pointerdown", (event) => this.#pointerDown(event));
    element.addEventListener("mousedown", (event) => {
      if (event.button === 0) this.#begin(event, "mouse", event);
    });
    element.addEventListener("touchstart", (event) => {
      const [touch] = event.changedTouches;
      this.#begin(event, `touch ${touch.identifier}`, touch);
    });
    element.addEventListener("contextmenu", (event) => event.preventDefault());
    // On the window and before all others: without capture, a pointer moves and ends beyond the element.
    const watch = (name, act) => addEventListener(name, act, { capture: true, passive: true });
    watch("pointermove", (event) => this.#pointerMove(event));
    watch("mousemove", (event) => this.#follow("mouse", [event]));
    watch("touchmove", (event) => {
      const touch = touchOf(event, this.#id);
      if (touch) this.#follow(this.#id, [touch]);
    });
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      watch(name, ({ pointerId }) => this.#finish(`pointer ${pointerId}`));
    }
    watch("mouseup", () => this.#finish("mouse"));
    for (const name of ["touchend", "touchcancel"]) watch(name, (event) => touchOf(event, this.#id) && this.#finish(this.#id));
  }

  get busy() { return this.#id !== null; }

  /** Ignores what draws now until it is lifted and comes down again. */
  release() { this.#id = null; }

  #pointerDown(event) {
    if (event.button !== 0 && event.button !== 5) return;
    const how = { pen: event.pointerType === "pen", eraser: Boolean(event.buttons & PEN_ERASER) };
    if (!this.#begin(event, `pointer ${event.pointerId}`, event, how)) return;
    try {
      this.#element.setPointerCapture(event.pointerId);
    } catch {
      // A program's pointer, which belongs to no device, cannot be captured.
    }
  }

  #begin(event, id, place, how = { pen: false, eraser: false }) {
    if (this.#id !== null) return false;
    event.preventDefault();
    this.#id = id;
    this.start(place, how);
    return true;
  }

  #pointerMove(event) {
    const id = `pointer ${event.pointerId}`;
    const released = event.isTrusted && event.pointerType === "mouse" && event.buttons === 0;
    if (released) return this.#finish(id);
    const coalesced = event.getCoalescedEvents?.() ?? [];
    return this.#follow(id, coalesced.length ? coalesced : [event]);
  }

  #follow(id, places) {
    if (this.#id === id) this.move(places);
  }

  #finish(id) {
    if (this.#id === null || this.#id !== id) return;
    this.#id = null;
    this.end();
  }
}
