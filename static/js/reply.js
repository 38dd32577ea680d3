/** Shows a reply in every place of the page that it concerns. */
import { Answer, refusal } from "./answer.js";
import { contain, grow, showBoxes } from "./bars.js";
import { find } from "./dom.js";
import { paintPixels } from "./palette.js";
import { curl, json } from "./share.js";
import { PAD_HEIGHT, within } from "./strokes.js";
import { t } from "./i18n.js";

export class Reply {
  #last = null;
  #ramps = null;
  #chosen = null;
  #explained = null;
  #looked = { key: null, answer: null };

  /** `look(strokes, model)` gives a promise of what the network makes of one digit of a number, or of null. */
  constructor(parts) {
    Object.assign(this, parts); // pad, inside, compare, corrections, why, look
    this.answer = new Answer((index) => {
      this.#chosen = index;
      this.#piece();
    });
    find("photo").addEventListener("load", () => this.#boxes());
  }

  /** `found` has `answer`, `reading` or both; `question` is what was asked. */
  show(found, question, milliseconds) {
    this.#last = { ...found, question, milliseconds };
    if (!question.reading) this.#chosen = null;
    else if (this.#chosen !== null && this.#chosen >= found.reading.digits.length) this.#chosen = null;
    this.render();
  }

  /** The answer on show, for a picture of it. */
  get shown() {
    const { answer, reading, question } = this.#last ?? {};
    const { confidence = null, probabilities = null } = (question?.reading ? reading : answer) ?? {};
    return { text: find(question?.reading ? "number" : "digit").textContent, confidence, probabilities };
  }

  /** Shows the last reply again, in the current language and colours. */
  render() {
    if (!this.#last) return this.clean();
    const { answer, reading, question, milliseconds } = this.#last;
    if (question.reading) this.answer.reading(reading, milliseconds);
    else this.answer.prediction(answer, milliseconds, reading);
    this.#boxes();
    if (question.reading) this.#piece();
    else this.#inside(answer);
    if (question.moving) return undefined; // what follows is for a drawing at rest, and takes time
    this.corrections.offer(question.reading ? null : question.ink, answer);
    this.why.offer(question.reading ? null : question.ink, answer, this.#ramps);
    if (question.urgent) this.compare.read(question);
    find("curl").textContent = curl(question.ink, question);
    find("json").textContent = json(answer && !question.reading ? answer : reading);
    return undefined;
  }

  /** Shows which ink spoke in the answer on show. */
  speak(saliency) {
    if (!this.#explained?.own) return;
    this.#explained.saliency = saliency;
    this.#pictures(this.#explained);
  }

  /** Says in `words` that an answer is awaited, unless there is an older one. */
  wait(words = t("reading")) {
    if (!this.#last) this.answer.waiting(words);
  }

  clean() {
    this.#last = null;
    this.#chosen = null;
    this.answer.none("empty", t("empty"));
    this.#boxes();
    this.#inside(null);
    this.corrections.offer(null);
    this.why.offer(null);
    this.compare.read(null);
    find("curl").textContent = find("json").textContent = "";
  }

  /** Shows that the server refused the ink. */
  refuse(error, { ink, reading, pattern }) {
    this.clean();
    this.answer.none("refused", refusal(error, ink, reading, pattern));
  }

  recolour(ramps) {
    this.#ramps = ramps;
    this.#pictures(this.#explained);
  }

  /** Shows one digit of a number, the chosen one or the last: its bars, and the network's view of it. */
  async #piece() {
    const last = this.#last;
    const { digits } = last.reading;
    const { ink, model, urgent } = last.question;
    const index = this.#chosen ?? digits.length - 1;
    this.answer.piece(digits, index);
    for (const [at, box] of [...find("boxes").children].entries()) box.classList.toggle("chosen", at === index);
    const strokes = index < 0 || !ink.strokes ? [] : within(ink.strokes, grow(digits[index].box, 1));
    const key = JSON.stringify([model, strokes]);
    if (key !== this.#looked.key) {
      this.#inside(null);
      if (strokes.length === 0 || !urgent) return;
      const answer = await this.look(strokes, model);
      // Another reply or another digit may have come meanwhile.
      if (!answer || last !== this.#last || index !== (this.#chosen ?? digits.length - 1)) return;
      this.#looked = { key, answer };
    }
    // The layers of ink that two digits share belong to neither.
    const { answer } = this.#looked;
    this.#inside(answer.digit === digits[index].digit ? answer : null);
  }

  #inside(answer) {
    this.#explained = answer;
    this.#pictures(answer);
    this.inside.show(answer);
  }

  #pictures(answer) {
    const { reading, ink } = this.#last?.question ?? {};
    find("views").classList.toggle("blank", Boolean(reading && ink.file));
    // Which ink spoke in the page's own answer is known a moment later; until then the last one is shown.
    find("saliency-view").hidden = Boolean(answer) && !answer.saliency && !answer.own;
    if (!this.#ramps) return;
    const [inputView, saliencyView] = ["input-view", "saliency-view"].map((id) => find(id).querySelector("canvas"));
    if (answer?.input) paintPixels(inputView, answer.input.pixels, answer.input.size, this.#ramps.ink, 255);
    else inputView.width = 28; // which empties it
    const heat = answer?.saliency?.pixels;
    if (heat) paintPixels(saliencyView, heat, Math.sqrt(heat.length), this.#ramps.signed, 1);
    else if (!answer?.own) saliencyView.width = 28;
  }

  #boxes() {
    const { reading, question } = this.#last ?? {};
    if (!question?.reading) return find("boxes").replaceChildren();
    const others = (reading.others ?? []).map((box) => ({ box, other: true }));
    const digits = [...reading.digits, ...(reading.marks ?? []), ...others];
    if (question.ink.strokes) {
      const wide = digits.map((each) => ({ ...each, box: grow(each.box, this.pad.width / 2 + 12) }));
      return showBoxes(find("boxes"), wide, [this.pad.unitWidth, PAD_HEIGHT]);
    }
    const image = find("photo");
    const natural = [image.naturalWidth || 1, image.naturalHeight || 1];
    const sheet = find("sheet").getBoundingClientRect();
    return showBoxes(find("boxes"), digits, natural, contain(natural, [sheet.width, sheet.height]));
  }
}
