/** The desk: the pad with its tools, what is on it, and the questions about it. */
import * as api from "./api.js";
import { spoken, verdict } from "./answer.js";
import { Corrections } from "./corrections.js";
import { find, write } from "./dom.js";
import { Example } from "./example.js";
import { t } from "./i18n.js";
import { KeyPen } from "./keypen.js";
import { Latest } from "./latest.js";
import { Local } from "./local.js";
import { Notice } from "./notice.js";
import { Pad } from "./pad.js";
import { showPicture } from "./picture.js";
import { Reply } from "./reply.js";
import { Drawing, carry, clamp, payload } from "./strokes.js";
import { recall, remember } from "./storage.js";
import { Why } from "./why.js";

/** What is asked for besides the answer of a model that the page does not have. */
const INSIDE = "input,saliency,layers";

export class Desk {
  #drawing = new Drawing();
  #photo = null;
  #mode = "digit";
  #frame = 0;
  model = null;
  /** Whether no server has listed its models yet; there may be no server. */
  alone = false;

  constructor({ announcer, inside, compare }) {
    this.announcer = announcer;
    this.notice = new Notice(find("notice"));
    this.local = new Local((saliency) => this.reply.speak(saliency));
    this.pad = new Pad(find("pad"), this.#drawing, { onStart: () => this.#begin(), onChange: (finished) => this.#changed(finished) });
    this.example = new Example(this.pad);
    this.corrections = new Corrections(this);
    this.reply = new Reply({ pad: this.pad, inside, compare, corrections: this.corrections, why: new Why(this.local), look: (strokes, model) => this.#lookInto(strokes, model) });
    const press = (id) => () => find(id).click();
    this.keypen = new KeyPen(find("pad"), find("cursor"), this.pad, {
      commands: { undo: press("undo"), clear: press("clear"), erase: press("erase"), thinner: () => this.#widen(-10), thicker: () => this.#widen(10) },
      say: (key, values) => announcer.say(t(key, values)),
    });
    this.latest = new Latest({
      send: (question, signal) => this.#send(question, signal),
      show: (found, question, milliseconds) => this.#show(found, question, milliseconds),
      fail: (error, question, seconds) => this.#fail(error, question, seconds),
    });
    this.#wire();
    this.#greet();
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
      this.pad.erasing = false;
      this.announcer.say(t("cleared"));
    });
    for (const name of ["pointerdown", "keydown"]) find("pad").addEventListener(name, () => this.example.stop());
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
    find("pattern").addEventListener("input", () => this.ask());
    find("mode").addEventListener("change", (event) => this.mode(event.target.value));
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  /** Writes an example for a newcomer who does nothing yet; a drawing then replaces it. */
  #greet() {
    if (recall("met")) return;
    const greeting = setTimeout(() => this.pad.blank && this.#mode === "digit" && this.example.write(false), 3500);
    const met = () => {
      clearTimeout(greeting);
      remember("met", "yes");
    };
    for (const name of ["pointerdown", "keydown", "wheel", "dragenter"]) addEventListener(name, met, { once: true });
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

  #tools() {
    const photo = Boolean(this.#photo);
    find("undo").disabled = !(photo || this.pad.busy || this.#drawing.canUndo);
    find("redo").disabled = photo || !this.#drawing.canRedo;
    find("erase").disabled = photo;
    find("width").disabled = photo;
    find("erase").setAttribute("aria-pressed", String(this.pad.erasing));
    find("sheet").classList.toggle("erasing", this.pad.erasing);
    find("hint").hidden = photo || !this.pad.blank;
    write(find("hint").firstElementChild, t(this.#mode === "number" ? "hintNumber" : "hint"));
    find("putaway").hidden = !photo;
  }

  /** A stroke begins: a picture, or what the example wrote, makes way for it. */
  #begin() {
    this.#putAway();
    if (this.example.wrote && !this.example.writing) this.#drawing.clear();
    if (!this.example.writing) this.example.wrote = false;
  }

  /** What is on the pad, in the form in which it is sent. */
  get #ink() { return this.#photo ? { file: this.#photo.file } : { strokes: payload(this.pad.strokes) }; }

  #changed(finished) {
    this.pad.draw();
    if (finished || find("undo").disabled || !find("hint").hidden) this.#tools();
    // The beginning of a first stroke is not worth a question.
    const early = this.pad.speck || (this.#mode === "number" && this.#drawing.empty);
    if (finished || this.#photo || !early) this.ask(finished);
  }

  /** Asks about what is on the pad; `urgent` when the stroke is finished, so that nothing newer will come. */
  ask(urgent = false) {
    if (this.#mode === "form" || (!this.#photo && this.pad.blank)) {
      this.latest.cancel();
      this.notice.succeeded("answer");
      this.#settle();
      return this.reply.clean();
    }
    if (this.#here) {
      cancelAnimationFrame(this.#frame);
      if (!urgent) {
        this.latest.cancel();
        this.#frame = requestAnimationFrame(() => this.#follow(false));
        return;
      }
      this.#follow(true);
      if (this.#final) return;
    } else {
      find("answer").classList.add("old");
      this.reply.wait();
    }
    if (find("answer").getAttribute("aria-busy") !== "true") find("answer").setAttribute("aria-busy", "true");
    const reading = this.#mode === "number";
    this.latest.ask({ reading, model: this.model, pattern: reading ? find("pattern").value.trim() : "", urgent }, urgent);
  }

  /** Whether the page itself can answer what is on it. */
  get #here() { return !this.#photo && this.#mode === "digit" && this.local.serves(this.model); }

  /** Whether the page's own answer is the last word: there is no server, or none that has learned the same. */
  get #final() { return this.alone || this.local.lessons.length > 0; }

  /** Shows the page's own answer to what is on the pad; it is final if the pen is lifted and no server is asked. */
  #follow(urgent) {
    if (!this.#here || this.pad.blank) return;
    const began = performance.now();
    const question = { ink: this.#ink, model: this.model, reading: false, moving: !urgent, urgent: urgent && this.#final };
    const answer = this.local.answer(question.ink.strokes);
    this.#settle(question.urgent);
    this.reply.show({ answer, reading: null }, question, performance.now() - began);
    if (question.urgent) this.announcer.say(spoken(answer, null));
  }

  /** Sends a question, with the ink and the view as they are now. */
  async #send(question, signal) {
    question.ink = this.#ink;
    const { ink, reading, model, pattern, urgent } = question;
    if (reading) return { reading: await api.ask(ink, { reading, model, pattern, signal }) };
    const own = this.#here ? this.local.answer(ink.strokes) : null;
    const answer = { ...own, ...(await api.ask(ink, { model, include: own ? null : INSIDE, signal })), served: true };
    const several = urgent && verdict(answer).kind === "several";
    return { answer, reading: several ? await api.ask(ink, { reading: true, model, signal }) : null };
  }

  #show(found, question, milliseconds) {
    this.notice.succeeded("answer");
    this.#settle(question.urgent);
    this.reply.show(found, question, milliseconds);
    if (question.urgent) this.announcer.say(spoken(found.answer, found.reading));
  }

  /** Marks the answer on show as that to the ink on the pad; `whole` if nothing more is awaited. */
  #settle(whole = true) {
    find("answer").classList.remove("old");
    if (whole) find("answer").setAttribute("aria-busy", "false");
  }

  /** Shows the last answer again, in the current language. */
  render() {
    this.#tools();
    this.form?.render();
    this.reply.render();
  }

  #fail(error, question, seconds) {
    if (seconds !== null) {
      const here = this.#here;
      if (here) this.#settle();
      else if (error instanceof api.Unreachable && this.local.network) this.reply.wait(t("needsServer"));
      return this.notice.failed("answer", error, seconds, here);
    }
    this.notice.succeeded("answer");
    this.#settle();
    this.reply.refuse(error, question);
    this.announcer.say(find("message").textContent);
    if (error.status === 401 || error.status === 403) this.unlock();
    return undefined;
  }

  /** Asks for the layers of one digit of a drawn number; null when that fails. */
  async #lookInto(strokes, model) {
    if (this.local.serves(model)) return this.local.answer(strokes);
    return api.ask({ strokes }, { model, include: INSIDE }).catch(() => null); // the next question about the number says why
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
    this.pad.paint();
    this.reply.recolour(ramps);
  }

  /** Takes a picture to read instead of the drawing, which waits beneath it. */
  take(file) {
    if (this.#mode === "form") return this.#withForm().then((form) => form.take(file));
    this.example.stop();
    this.pad.finish();
    this.#photo?.release();
    const image = find("photo");
    image.alt = t("photo");
    this.#photo = { file, release: showPicture(image, file) };
    return this.#changed(true);
  }

  /** The form's desk, which comes when it is first wanted. */
  async #withForm() {
    const { FormDesk } = await import("./form.js");
    this.form ??= new FormDesk(this.notice, () => this.model);
    return this.form;
  }

  #putAway() {
    if (!this.#photo) return;
    this.#photo.release();
    this.#photo = null;
    this.#tools();
  }

  /** What is on the desk, for a link or a picture. */
  get view() {
    return { strokes: this.pad.strokes, mode: this.#mode, model: this.model, unitWidth: this.pad.unitWidth, ...this.reply.shown };
  }

  /** Shows what a link asks for. */
  open({ strokes, mode }) {
    this.mode(mode);
    this.#drawing.clear();
    for (const each of strokes) this.#drawing.add(each);
    this.#changed(true);
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
      find("form").hidden = mode !== "form";
      if (mode === "form") this.#withForm();
      this.#drawing.transform(carry(this.#drawing.box, before, this.pad.unitWidth));
      find("mode").querySelector(`[value="${mode}"]`).checked = true;
      this.latest.cancel();
      this.#settle();
      this.reply.clean();
      this.#changed(true);
    }
    if (focus) find("pad").focus();
  }
}
