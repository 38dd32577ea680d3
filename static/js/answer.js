/** What the service answered, as a person reads it. */
import { Bars } from "./bars.js";
import { el } from "./dom.js";
import { number, percent, t } from "./i18n.js";

/**
 * What a Prediction amounts to: `kind` is 'sure', 'unsure' (between `digit` and `second`), 'several' or
 * 'none'; `digit` is the likeliest in any case.
 */
export function verdict({ digit, is_digit: isDigit, reason, probabilities }) {
  const order = probabilities.map((_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]);
  const second = order.find((each) => each !== digit);
  if (reason === "looks like several digits") return { kind: "several", digit, second };
  if (reason === "unsure between two") return { kind: "unsure", digit, second };
  return { kind: isDigit ? "sure" : "none", digit, second };
}

/** The words for how sure a calibrated probability is. */
export const certainty = (confidence) => (confidence >= 0.97 ? "certain" : confidence >= 0.8 ? "fairly" : "guess");

export class Answer {
  #root;
  #parts;
  #bars;

  /** `choose(digit)` is called when a digit of a number is chosen, with what was read of it. */
  constructor(root, choose) {
    this.#root = root;
    this.choose = choose;
    const part = (id) => root.querySelector(`#${id}`);
    this.#parts = Object.fromEntries(
      ["digit", "second", "number", "sure", "message", "widen", "pieces", "took"].map((id) => [id, part(id)]),
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
  }

  empty() {
    this.#say("empty", { message: t("empty") });
    this.#bars.show(null);
    this.#pieces([]);
    this.#parts.took.textContent = "";
  }

  /** One digit; `reading` is the number read from the same ink when it looks like several digits. */
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
    this.#bars.show(null);
    this.#pieces(digits ?? []);
    this.#took(milliseconds);
  }

  /** The server would not read it; `words` say why. */
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
    this.#parts.pieces.replaceChildren(
      ...digits.map((each) => {
        const { digit, confidence } = each;
        const weak = confidence < 0.8 ? "weak" : null;
        const button = el("button", { type: "button", class: weak }, el("b", {}, String(digit)), " ", el("span", {}, percent(confidence)));
        button.addEventListener("click", () => this.choose(each, button));
        return el("li", {}, button);
      }),
    );
  }
}

/** The words to announce for an answer. */
export function spoken(answer, reading) {
  if (reading) return reading.text ? `${reading.text}, ${percent(reading.confidence)}` : t("noNumber");
  const { kind, digit, second } = verdict(answer);
  if (kind === "sure") return t("saidDigit", { digit, percent: percent(answer.confidence) });
  if (kind === "unsure") return t("saidUnsure", { a: digit, b: second });
  return t(kind);
}

/** The words for a refusal, by its status. */
export function refusal(error) {
  const known = { 400: "notImage", 401: "locked", 403: "locked", 413: "tooLarge", 415: "unsupported", 422: "noInk" };
  const key = known[error.status];
  return key ? t(key) : t("failed", { why: error.message });
}
