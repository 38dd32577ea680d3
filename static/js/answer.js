/** Puts the service's answers into words. */
import { Bars, WORTH_SAYING } from "./bars.js";
import { el } from "./dom.js";
import { number, percent, t } from "./i18n.js";

/**
 * Sums up a Prediction: `kind` is 'sure', 'unsure' (between `digit` and `second`), 'several' or
 * 'none'; `digit` is the likeliest in any case.
 */
export function verdict({ digit, is_digit: isDigit, reason, probabilities }) {
  const order = probabilities.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const second = order.find((each) => each !== digit);
  if (reason === "looks like several digits") return { kind: "several", digit, second };
  if (reason === "unsure between two") return { kind: "unsure", digit, second };
  return { kind: isDigit ? "sure" : "none", digit, second };
}

/** Below this confidence a digit of a number is marked. */
const WEAK = 0.8;

/** The words for how sure a calibrated probability is. */
export const certainty = (confidence) => (confidence >= 0.97 ? "certain" : confidence >= 0.8 ? "fairly" : "guess");

export class Answer {
  #root;
  #parts;
  #bars;
  #buttons = [];

  /** `choose(index)` is called when a digit of a number is chosen. */
  constructor(root, choose) {
    this.#root = root;
    this.choose = choose;
    const part = (id) => root.querySelector(`#${id}`);
    this.#parts = Object.fromEntries(
      ["digit", "second", "number", "sure", "message", "example", "widen", "pieces", "piece", "took"].map((id) => [id, part(id)]),
    );
    this.#bars = new Bars(part("bars"));
  }

  #say(state, { digit = "", second = "", text = "", sure = "", message = "", widen = false } = {}) {
    const parts = this.#parts;
    this.#root.dataset.state = state;
    parts.digit.textContent = digit;
    parts.second.textContent = second;
    parts.number.textContent = text;
    parts.number.style.setProperty("--length", text.length);
    parts.sure.textContent = sure;
    parts.message.textContent = message;
    parts.widen.hidden = !widen;
    parts.example.hidden = state !== "empty";
  }

  empty() {
    this.#say("empty", { message: t("empty") });
    this.#bars.show(null);
    this.#pieces([]);
    this.#parts.took.textContent = "";
  }

  waiting() {
    this.#say("waiting");
  }

  /** Shows one digit; `reading` is the number read from the same ink when it looks like several digits. */
  prediction(prediction, milliseconds, reading = null) {
    const { kind, digit, second } = verdict(prediction);
    const sure = percent(prediction.confidence);
    if (kind === "sure") this.#say(kind, { digit, sure, message: t(certainty(prediction.confidence)) });
    if (kind === "unsure") this.#say(kind, { digit, second, sure, message: t("unsure", { a: digit, b: second }) });
    if (kind === "none") this.#say(kind, { message: `${t("none")} ${t("closest", { digit })}` });
    if (kind === "several") {
      const text = reading?.text ?? "";
      this.#say(kind, { text, message: t(text ? "severalRead" : "several"), widen: true });
    }
    this.#bars.show(kind === "several" ? null : prediction.probabilities);
    this.#pieces([]);
    this.#took(milliseconds);
  }

  reading(reading, milliseconds) {
    const { text, confidence, digits, alternatives = [] } = reading;
    if (!text) this.#say("none", { message: t("noNumber") });
    else {
      const others = alternatives.map((each) => each.text ?? each).filter((each) => each !== text);
      const list = others.slice(0, 3).join(", ");
      const message = list && confidence < 0.9 ? `${t("readAs")} ${t("alternatives", { list })}` : t("readAs");
      this.#say("number", { text, sure: percent(confidence), message });
    }
    this.#pieces(digits ?? []);
    this.#took(milliseconds);
  }

  /** Shows why the server refused the ink, in `words`. */
  refused(words) {
    this.#say("refused", { message: words });
    this.#bars.show(null);
    this.#pieces([]);
    this.#parts.took.textContent = "";
  }

  #took(milliseconds) {
    this.#parts.took.textContent = t("took", { ms: number(Math.round(milliseconds)) });
  }

  #pieces(digits) {
    this.#parts.pieces.hidden = digits.length === 0;
    this.#parts.piece.textContent = "";
    const held = this.#buttons.indexOf(document.activeElement);
    this.#buttons = digits.map(({ digit, confidence }, index) => {
      const weak = confidence < WEAK ? "weak" : null;
      const button = el("button", { type: "button", class: weak }, el("b", {}, String(digit)), " ", el("span", {}, percent(confidence)));
      button.addEventListener("click", () => this.choose(index));
      return button;
    });
    this.#parts.pieces.replaceChildren(...this.#buttons.map((button) => el("li", {}, button)));
    if (held >= 0) this.#buttons[Math.min(held, this.#buttons.length - 1)]?.focus({ preventScroll: true });
  }

  /** Shows the bars of one digit of a number, and its alternatives; of none for a negative `index`. */
  piece(digits, index) {
    this.#buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(at === index)));
    const one = digits[index];
    this.#bars.show(one?.probabilities ?? null);
    if (!one) return;
    const others = one.probabilities.map((value, digit) => ({ digit, value })).filter(({ digit, value }) => digit !== one.digit && value >= WORTH_SAYING);
    const list = others.sort((a, b) => b.value - a.value).slice(0, 3).map(({ digit, value }) => `${digit} (${percent(value)})`).join(", ");
    const said = t("pieceOf", { place: index + 1, count: digits.length, digit: one.digit, percent: percent(one.confidence) });
    this.#parts.piece.textContent = list ? `${said} ${t("alternatives", { list })}` : said;
  }
}

/** The words to announce for an answer, for a reading, or for both. */
export function spoken(answer, reading) {
  const number = reading?.text ? `${reading.text}, ${percent(reading.confidence)}` : t("noNumber");
  if (!answer) return number;
  const { kind, digit, second } = verdict(answer);
  if (kind === "sure") return t("saidDigit", { digit, percent: percent(answer.confidence) });
  if (kind === "unsure") return t("saidUnsure", { a: digit, b: second });
  return kind === "several" && reading?.text ? `${t(kind)} ${number}` : t(kind);
}

/** The words for a refusal of `ink`, by its status; `reading` when a number was looked for in it. */
export function refusal(error, ink, reading = false) {
  const known = { 400: "notImage", 401: "locked", 403: "locked", 413: "tooLarge", 415: "unsupported", 422: "noInk" };
  const drawn = { 401: "locked", 403: "locked", 413: "tooMuch", 422: reading ? "noNumber" : "noInk" };
  const key = (ink.strokes ? drawn : known)[error.status];
  const invalid = error.problem?.type?.endsWith("#invalid-strokes");
  return key && !invalid ? t(key) : t("failed", { why: error.message });
}
