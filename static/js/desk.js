/** The desk: the pad with its tools, what is on it, and the questions about it. */
import * as api from "./api.js";
import { spoken, verdict } from "./answer.js";
import { Example } from "./example.js";
import { carry, clamp } from "./geometry.js";
import { t } from "./i18n.js";
import { KeyPen } from "./keypen.js";
import { Latest } from "./latest.js";
import { Notice } from "./notice.js";
import { Pad } from "./pad.js";
import { showPicture } from "./picture.js";
import { Reply } from "./reply.js";
import { Drawing, payload } from "./strokes.js";

/** What is asked for besides the answer: always, and while the layers are on view. */
const INCLUDE = "input,saliency";
const INSIDE = `${INCLUDE},layers`;

const find = (id) => document.getElementById(id);

export class Desk {
  #drawing = new Drawing();
  #photo = null;
  #mode = "digit";
  #insideNear = false;
  model = null;

  constructor({ announcer, inside, compare, corrections }) {
    this.announcer = announcer;
    this.notice = new Notice(find("notice"), find("answer"));
    this.pad = new Pad(find("pad"), this.#drawing, {
      onStart: () => this.#putAway(),
      onChange: (finished) => this.#changed(finished),
    });
    this.example = new Example(this.pad);
    this.reply = new Reply({ pad: this.pad, inside, compare, corrections, look: (strokes, model) => this.#lookInto(strokes, model) });
    const press = (id) => () => find(id).click();
    this.keypen = new KeyPen(find("pad"), find("cursor"), this.pad, {
      commands: {
        undo: press("undo"),
        clear: press("clear"),
        erase: press("erase"),
        thinner: () => this.#widen(-10),
        thicker: () => this.#widen(10),
      },
      say: (key, values) => announcer.say(t(key, values)),
    });
    this.latest = new Latest({
      send: (question, signal) => this.#send(question, signal),
      show: (found, question, milliseconds) => this.#show(found, question, milliseconds),
      fail: (error, question, seconds) => this.#fail(error, question, seconds),
    });
    this.#wire();
    this.#watchInside();
    this.#tools();
  }

  #wire() {
    const step = (id, act) =>
      find(id).addEventListener("click", () => {
        this.example.stop();
        this.keypen.reset();
        act();
        this.#changed(true);
      });
    step("undo", () => {
      if (this.#photo) this.#putAway();
      else if (!this.pad.drop()) this.#drawing.undo();
    });
    step("redo", () => this.#drawing.redo());
    step("clear", () => {
      this.#putAway();
      this.pad.drop();
      this.#drawing.clear();
      this.announcer.say(t("cleared"));
    });
    find("pad").addEventListener("pointerdown", () => this.example.stop());
    find("pad").addEventListener("keydown", () => this.example.stop());
    find("example").addEventListener("click", () => {
      find("pad").focus({ preventScroll: true });
      this.example.write(this.#mode === "number");
    });
    find("erase").addEventListener("click", () => {
      this.pad.erasing = !this.pad.erasing;
      this.#tools();
      this.announcer.say(t(this.pad.erasing ? "eraserOn" : "eraserOff"));
    });
    find("width").addEventListener("input", (event) => {
      this.pad.width = Number(event.target.value);
      this.pad.draw();
    });
    find("putaway").addEventListener("click", () => {
      this.#putAway();
      this.#changed(true);
      find("pad").focus();
    });
    find("widen").addEventListener("click", () => this.mode("number", true));
    find("unlock").addEventListener("submit", (event) => {
      event.preventDefault();
      this.unlock(find("key").value);
    });
    find("mode").addEventListener("change", (event) => this.mode(event.target.value));
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  #shortcut(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("input, select, textarea")) return;
    const wanted = event.key.toLowerCase();
    const id = wanted === "y" || (wanted === "z" && event.shiftKey) ? "redo" : wanted === "z" ? "undo" : null;
    if (!id) return;
    event.preventDefault();
    find(id).click();
  }

  #widen(by) {
    const range = find("width");
    range.value = clamp(Number(range.value) + by, Number(range.min), Number(range.max));
    range.dispatchEvent(new Event("input"));
  }

  /** Notes whether the layers are on view: only then are they asked for, as they are most of an answer. */
  #watchInside() {
    new IntersectionObserver(
      ([entry]) => {
        this.#insideNear = entry.isIntersecting;
        if (this.#lacksLayers) this.ask(true);
      },
      { rootMargin: "100px" },
    ).observe(find("inside"));
  }

  /** Whether the answer on show came without the layers that are on view. */
  get #lacksLayers() {
    return this.#insideNear && this.reply.lacksLayers;
  }

  #tools() {
    const photo = Boolean(this.#photo);
    find("undo").disabled = !(photo || this.pad.busy || this.#drawing.canUndo);
    find("redo").disabled = photo || !this.#drawing.canRedo;
    find("erase").disabled = photo;
    find("width").disabled = photo;
    find("erase").setAttribute("aria-pressed", String(this.pad.erasing));
    find("sheet").classList.toggle("erasing", this.pad.erasing);
    find("hint").hidden = photo || !this.pad.blank;
    const hint = t(this.#mode === "number" ? "hintNumber" : "hint");
    // Written only when it changes, as every write costs a layout of the page, at every point of a stroke.
    if (find("hint").firstElementChild.textContent !== hint) find("hint").firstElementChild.textContent = hint;
    find("putaway").hidden = !photo;
  }

  /** What is on the pad, as it is sent. */
  get #ink() {
    return this.#photo ? { file: this.#photo.file } : { strokes: payload(this.pad.strokes) };
  }

  #changed(finished) {
    this.pad.draw();
    if (finished || find("undo").disabled || !find("hint").hidden) this.#tools();
    // The beginning of a first stroke is not worth a question.
    const early = this.pad.speck || (this.#mode === "number" && this.#drawing.empty);
    if (finished || this.#photo || !early) this.ask(finished);
  }

  /** Asks about what is on the pad; `urgent` when the stroke is finished, so that nothing newer will come. */
  ask(urgent = false) {
    if (!this.#photo && this.pad.blank) {
      this.latest.cancel();
      this.notice.succeeded("answer");
      this.#clean();
      return;
    }
    if (find("answer").getAttribute("aria-busy") !== "true") find("answer").setAttribute("aria-busy", "true");
    this.latest.ask({ reading: this.#mode === "number", model: this.model, urgent }, urgent);
  }

  /** Sends a question, with the ink and the view as they are now. */
  async #send(question, signal) {
    question.ink = this.#ink;
    question.layers = this.#insideNear;
    const { ink, reading, model, layers, urgent } = question;
    if (reading) return { reading: await api.ask(ink, { reading, model, signal }) };
    const answer = await api.ask(ink, { model, include: layers ? INSIDE : INCLUDE, signal });
    const several = urgent && verdict(answer).kind === "several";
    return { answer, reading: several ? await api.ask(ink, { reading: true, model, signal }) : null };
  }

  #show(found, question, milliseconds) {
    this.notice.succeeded("answer");
    this.reply.show(found, question, milliseconds);
    if (this.#lacksLayers) this.ask(question.urgent); // they came into view while this was under way
    else if (question.urgent) this.#finish(found);
  }

  #finish(found) {
    find("answer").setAttribute("aria-busy", "false");
    this.announcer.say(spoken(found.answer, found.reading));
  }

  /** Shows the last answer again, in the current language. */
  render() {
    this.#tools();
    this.reply.render();
  }

  #clean() {
    find("answer").setAttribute("aria-busy", "false");
    this.reply.clean();
  }

  #fail(error, question, seconds) {
    if (seconds !== null) {
      this.reply.wait();
      return this.notice.failed("answer", error, seconds);
    }
    this.notice.succeeded("answer");
    find("answer").setAttribute("aria-busy", "false");
    this.reply.refuse(error, question);
    this.announcer.say(find("message").textContent);
    if (error.status === 401 || error.status === 403) this.unlock();
    return undefined;
  }

  /** Asks for the layers of one digit of a drawn number; null when that fails. */
  async #lookInto(strokes, model) {
    try {
      return await api.ask({ strokes }, { model, include: INSIDE });
    } catch {
      return null; // the next question about the number says why
    }
  }

  /** Shows that the server asks for a key, or takes one. */
  unlock(key = null) {
    find("unlock").hidden = Boolean(key);
    if (!key) return;
    api.useKey(key);
    this.ask(true);
  }

  retry() {
    this.pad.draw();
    this.latest.retry();
  }

  recolour(ramps) {
    this.pad.draw();
    this.reply.recolour(ramps);
  }

  /** Takes a picture to read instead of the drawing, which waits beneath it. */
  take(file) {
    this.example.stop();
    this.pad.finish();
    this.#photo?.release();
    const image = find("photo");
    image.alt = t("photo");
    this.#photo = { file, release: showPicture(image, file) };
    this.#changed(true);
  }

  #putAway() {
    if (!this.#photo) return;
    this.#photo.release();
    this.#photo = null;
    this.#tools();
  }

  /** Follows the controls as the browser restored them. */
  restored() {
    this.mode(find("mode").querySelector(":checked").value);
    this.#widen(0);
  }

  /** Switches between one digit and a number, and fits the drawing to the pad's new shape. */
  mode(mode, focus = false) {
    if (mode !== this.#mode) {
      this.example.stop();
      this.keypen.reset();
      this.pad.finish();
      const before = this.pad.unitWidth;
      this.#mode = mode;
      find("desk").dataset.mode = mode;
      this.#drawing.transform(carry(this.#drawing.box, before, this.pad.unitWidth));
      find("mode").querySelector(`[value="${mode}"]`).checked = true;
      this.latest.cancel();
      this.#clean();
      this.#changed(true);
    }
    if (focus) find("pad").focus();
  }
}
