/** The desk: the ink on it, the question it makes, and the answer that comes back. */
import * as api from "./api.js";
import { Answer, refusal, spoken, verdict } from "./answer.js";
import { contain, grow, showBoxes } from "./boxes.js";
import { curl, json } from "./code.js";
import { PAD_HEIGHT, boundingBox, carry, clamp } from "./geometry.js";
import { number, t } from "./i18n.js";
import { KeyPen } from "./keypen.js";
import { Latest } from "./latest.js";
import { Pad } from "./pad.js";
import { paintPixels, wipe } from "./palette.js";
import { showPicture } from "./picture.js";
import { Drawing, payload, within } from "./strokes.js";

/** What is asked for besides the answer, always and while the inside is on view. */
const INCLUDE = "input,saliency";
const INSIDE = `${INCLUDE},layers`;

/** Ink smaller than this many units is no more than where a pen came down. */
const SPECK = 30;

const find = (id) => document.getElementById(id);

export class Desk {
  #drawing = new Drawing();
  #photo = null;
  #mode = "digit";
  #last = null;
  #ramps = null;
  #seen = false;
  model = null;

  constructor({ announcer, inside, compare, corrections }) {
    this.announcer = announcer;
    this.inside = inside;
    this.compare = compare;
    this.corrections = corrections;
    this.answer = new Answer(find("answer"), (piece, button) => this.#lookInto(piece, button));
    this.pad = new Pad(find("pad"), this.#drawing, {
      onStart: () => this.#putAway(),
      onChange: (finished) => this.#changed(finished),
    });
    const press = (id) => () => find(id).click();
    this.keypen = new KeyPen(find("pad"), find("cursor"), this.pad, {
      commands: {
        undo: press("undo"),
        clear: press("clear"),
        erase: press("erase"),
        thinner: () => this.#widen(-10),
        thicker: () => this.#widen(10),
      },
      say: (key) => announcer.say(t(key)),
    });
    this.latest = new Latest({
      send: (question, signal) => this.#send(question, signal),
      show: (found, question, milliseconds) => this.#show(found, question, milliseconds),
      fail: (error, question, seconds) => this.#fail(error, seconds),
    });
    this.#wire();
    this.#watchInside();
    this.#tools();
  }

  #wire() {
    const step = (id, act) =>
      find(id).addEventListener("click", () => {
        this.keypen.reset();
        act();
        this.#changed(true);
      });
    step("undo", () => this.#drawing.undo());
    step("redo", () => this.#drawing.redo());
    step("clear", () => {
      this.#putAway();
      this.#drawing.clear();
      this.announcer.say(t("cleared"));
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
    find("photo").addEventListener("load", () => this.#boxes());
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

  /** Layers are asked for only while their section is near the window: they are most of an answer. */
  #watchInside() {
    new IntersectionObserver(
      ([entry]) => {
        const before = this.#seen;
        this.#seen = entry.isIntersecting;
        if (this.#seen && !before && this.#last && !this.#last.answer?.layers) this.ask(true);
      },
      { rootMargin: "100px" },
    ).observe(find("inside"));
  }

  #tools() {
    find("undo").disabled = !this.#drawing.canUndo;
    find("redo").disabled = !this.#drawing.canRedo;
    find("erase").setAttribute("aria-pressed", String(this.pad.erasing));
    find("sheet").classList.toggle("erasing", this.pad.erasing);
    find("hint").hidden = Boolean(this.#photo) || this.pad.strokes.length > 0;
    find("hint").firstElementChild.textContent = t(this.#mode === "number" ? "hintNumber" : "hint");
    find("putaway").hidden = !this.#photo;
  }

  /** What is on the pad now, as it is sent; null for nothing. */
  get #ink() {
    if (this.#photo) return { file: this.#photo.file };
    const { strokes } = this.pad;
    return strokes.length ? { strokes: payload(strokes) } : null;
  }

  #changed(finished) {
    this.pad.draw();
    this.#tools();
    if (finished || !this.#speck()) this.ask(finished);
  }

  /** Whether the only stroke has barely begun: nothing to ask about yet. */
  #speck() {
    const box = boundingBox(this.pad.strokes.map(({ points }) => points));
    return !this.#photo && box !== null && Math.max(box[2], box[3]) < SPECK;
  }

  /** Asks about what is on the pad; `urgent` when it is finished, and need not wait for the pen. */
  ask(urgent = false) {
    const ink = this.#ink;
    if (!ink) {
      this.latest.cancel();
      this.well();
      this.#clean();
      return;
    }
    find("answer").setAttribute("aria-busy", "true");
    this.latest.ask({ ink, reading: this.#mode === "number", model: this.model, layers: this.#seen, urgent }, urgent);
  }

  async #send({ ink, reading, model, layers, urgent }, signal) {
    if (reading) return { reading: await api.ask(ink, { reading, model, signal }) };
    const answer = await api.ask(ink, { model, include: layers ? INSIDE : INCLUDE, signal });
    const found = { answer, reading: null, others: [] };
    if (urgent && verdict(answer).kind === "several") {
      found.reading = await api.ask(ink, { reading: true, model, signal });
    }
    if (urgent) {
      const others = this.compare.chosen.filter((name) => name !== answer.model);
      found.others = await Promise.all(others.map(async (name) => [name, await api.ask(ink, { model: name, signal })]));
      found.others.push([answer.model, answer]);
    }
    return found;
  }

  #show(found, question, milliseconds) {
    this.#last = { ...found, question, milliseconds };
    this.well();
    this.render();
    if (!question.urgent) return;
    find("answer").setAttribute("aria-busy", "false");
    this.announcer.say(spoken(found.answer, question.reading ? found.reading : null));
  }

  /** Shows the last answer, in the language and colours of now. */
  render() {
    this.#tools();
    if (!this.#last) return this.#clean();
    const { answer, reading, others, question, milliseconds } = this.#last;
    if (question.reading) this.answer.reading(reading, milliseconds);
    else this.answer.prediction(answer, milliseconds, reading);
    this.#pictures();
    this.#boxes();
    if (answer?.layers) this.inside.show({ input: this.#inputLayer(answer), ...answer.layers });
    if (others?.length) this.compare.show(others);
    this.corrections.offer(question.reading ? null : question.ink);
    find("curl").textContent = curl(question.ink, question);
    find("json").textContent = json(answer && !question.reading ? answer : reading);
    return undefined;
  }

  #inputLayer({ input }) {
    return input ? { shape: [1, input.size, input.size], values: input.pixels } : undefined;
  }

  #pictures() {
    const { answer } = this.#last ?? {};
    find("spoke").hidden = Boolean(answer) && !answer.saliency;
    const [seen, spoke] = ["seen", "spoke"].map((id) => find(id).querySelector("canvas"));
    if (!this.#ramps) return;
    if (answer?.input) paintPixels(seen, answer.input.pixels, answer.input.size, this.#ramps.ink, 255);
    else wipe(seen);
    const spoken = answer?.saliency?.pixels;
    if (spoken) paintPixels(spoke, spoken, Math.sqrt(spoken.length), this.#ramps.signed, 1);
    else wipe(spoke);
  }

  #boxes() {
    const { reading, question } = this.#last ?? {};
    const digits = question?.reading ? (reading?.digits ?? []) : [];
    const wide = digits.map((each) => ({ ...each, box: grow(each.box, this.pad.width / 2 + 12) }));
    if (!this.#photo) return showBoxes(find("boxes"), wide, [this.pad.unitWidth, PAD_HEIGHT]);
    const image = find("photo");
    const natural = [image.naturalWidth || 1, image.naturalHeight || 1];
    const sheet = find("sheet").getBoundingClientRect();
    return showBoxes(find("boxes"), digits, natural, contain(natural, [sheet.width, sheet.height]));
  }

  #clean() {
    this.#last = null;
    find("answer").setAttribute("aria-busy", "false");
    this.answer.empty();
    this.#pictures();
    this.#boxes();
    this.inside.show(null);
    this.compare.show([]);
    this.corrections.offer(null);
    find("curl").textContent = "";
    find("json").textContent = "";
  }

  #fail(error, seconds) {
    if (seconds !== null) return this.trouble(error, seconds);
    this.well();
    this.#clean();
    this.answer.refused(refusal(error));
    this.announcer.say(refusal(error));
    if (error.status === 401 || error.status === 403) this.unlock();
    return undefined;
  }

  /** Shows one digit of a drawn number inside the network. */
  async #lookInto({ box }, button) {
    const strokes = payload(within(this.pad.strokes, grow(box, 1)));
    if (this.#photo || strokes.length === 0) return;
    for (const other of find("pieces").querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
    try {
      const answer = await api.ask({ strokes }, { model: this.model, include: INSIDE });
      this.inside.show({ input: this.#inputLayer(answer), ...answer.layers });
      find("inside").scrollIntoView({ block: "nearest", behavior: "smooth" });
    } catch (error) {
      this.announcer.say(refusal(error));
    }
  }

  /** The server is away or overloaded, and is asked again in so many seconds. */
  trouble(error, seconds) {
    const notice = find("notice");
    notice.hidden = false;
    notice.textContent = t(error instanceof api.Away ? "away" : "busy", { seconds: number(Math.ceil(seconds)) });
    find("answer").classList.add("stale");
  }

  /** The server answers. */
  well() {
    find("notice").hidden = true;
    find("answer").classList.remove("stale");
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
    this.#ramps = ramps;
    this.pad.draw();
    this.#pictures();
  }

  /** Takes a picture to read instead of the drawing, which waits beneath it. */
  take(file) {
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

  /** Reads one digit or a number; the drawing goes with the pad's shape. */
  mode(mode, focus = false) {
    if (mode !== this.#mode) {
      this.keypen.reset();
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
