/** What came back, and every place on the page that shows it. */
import { Answer, refusal } from "./answer.js";
import { contain, grow, showBoxes } from "./boxes.js";
import { curl, json } from "./code.js";
import { PAD_HEIGHT } from "./geometry.js";
import { paintPixels, wipe } from "./palette.js";

const find = (id) => document.getElementById(id);

/** The network's input as a layer among its layers. */
const inputLayer = ({ input }) => (input ? { shape: [1, input.size, input.size], values: input.pixels } : undefined);

export class Reply {
  #last = null;
  #ramps = null;
  #chosen = null;

  /** `look(piece)` gives a promise of what the network makes of one digit of a number, or of null. */
  constructor({ pad, inside, compare, corrections, look }) {
    Object.assign(this, { pad, inside, compare, corrections, look });
    this.answer = new Answer(find("answer"), (index) => {
      this.#chosen = index;
      this.#piece();
    });
    find("photo").addEventListener("load", () => this.#boxes());
  }

  /** Whether an answer is shown, with its layers or without. */
  get shown() {
    return this.#last !== null;
  }

  get layered() {
    return Boolean(this.#last?.answer?.layers);
  }

  /** `found` has `answer`, `reading` or both; `question` is what was asked. */
  show(found, question, milliseconds) {
    this.#last = { ...found, question, milliseconds };
    if (!question.reading) this.#chosen = null;
    else if (this.#chosen !== null && this.#chosen >= found.reading.digits.length) this.#chosen = null;
    this.render();
    if (question.urgent) this.compare.read(question.ink, found.answer ?? null);
  }

  /** Shows the last reply, in the language and colours of now. */
  render() {
    if (!this.#last) return this.clean();
    const { answer, reading, question, milliseconds } = this.#last;
    if (question.reading) this.answer.reading(reading, milliseconds);
    else this.answer.prediction(answer, milliseconds, reading);
    this.#boxes();
    if (question.reading) this.#piece();
    else this.#inside(answer);
    this.corrections.offer(question.reading ? null : question.ink);
    find("curl").textContent = curl(question.ink, question);
    find("json").textContent = json(answer && !question.reading ? answer : reading);
    return undefined;
  }

  /** There is ink, and no answer yet: it is not said that nothing is drawn. */
  wait() {
    if (!this.shown) this.answer.waiting();
  }

  clean() {
    this.#last = null;
    this.#chosen = null;
    this.answer.empty();
    this.#boxes();
    this.#inside(null);
    this.compare.read(null, null);
    this.corrections.offer(null);
    find("curl").textContent = "";
    find("json").textContent = "";
  }

  /** The server would not read it. */
  refuse(error, { ink, reading }) {
    this.clean();
    this.answer.refused(refusal(error, ink, reading));
  }

  recolour(ramps) {
    this.#ramps = ramps;
    this.#pictures(this.#last?.answer ?? null);
  }

  /** One digit of a number: the chosen one, or the last, with its bars and what the network saw of it. */
  async #piece() {
    const last = this.#last;
    const digits = last?.reading?.digits ?? [];
    const index = this.#chosen ?? digits.length - 1;
    this.answer.piece(digits, index);
    for (const [at, box] of [...find("boxes").children].entries()) box.classList.toggle("chosen", at === index);
    if (index < 0) return this.#inside(null);
    if (!last.question.urgent) return undefined;
    const answer = await this.look(digits[index]);
    // Another reply or another digit may have come meanwhile; and ink that two digits share tells of neither.
    if (last !== this.#last || index !== (this.#chosen ?? digits.length - 1)) return undefined;
    return this.#inside(answer?.digit === digits[index].digit ? answer : null);
  }

  #inside(answer) {
    this.#pictures(answer);
    if (answer === null) this.inside.show(null);
    else if (answer.layers) this.inside.show({ input: inputLayer(answer), ...answer.layers });
  }

  #pictures(answer) {
    const reading = Boolean(this.#last?.question.reading);
    find("views").classList.toggle("blank", reading && !answer);
    find("spoke").hidden = Boolean(answer) && !answer.saliency;
    if (!this.#ramps) return;
    const [seen, spoke] = ["seen", "spoke"].map((id) => find(id).querySelector("canvas"));
    if (answer?.input) paintPixels(seen, answer.input.pixels, answer.input.size, this.#ramps.ink, 255);
    else wipe(seen);
    const heat = answer?.saliency?.pixels;
    if (heat) paintPixels(spoke, heat, Math.sqrt(heat.length), this.#ramps.signed, 1);
    else wipe(spoke);
  }

  #boxes() {
    const { reading, question } = this.#last ?? {};
    const digits = question?.reading ? (reading?.digits ?? []) : [];
    if (question?.ink.strokes || !question) {
      const wide = digits.map((each) => ({ ...each, box: grow(each.box, this.pad.width / 2 + 12) }));
      return showBoxes(find("boxes"), wide, [this.pad.unitWidth, PAD_HEIGHT]);
    }
    const image = find("photo");
    const natural = [image.naturalWidth || 1, image.naturalHeight || 1];
    const sheet = find("sheet").getBoundingClientRect();
    return showBoxes(find("boxes"), digits, natural, contain(natural, [sheet.width, sheet.height]));
  }
}
