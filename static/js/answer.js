/** Puts the service's answers into words. */
import { keyed } from "./api.js";
import { Bars, WORTH_SAYING } from "./bars.js";
import { el, find, write } from "./dom.js";
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
  #bars = new Bars(find("bars"));
  #buttons = [];

  /** `choose(index)` is called when a digit of a number is chosen. */
  constructor(choose) { this.choose = choose; }

  #say(state, { digit = "", second = "", text = "", sure = "", message = "", widen = false } = {}) {
    find("answer").dataset.state = state;
    for (const [id, words] of Object.entries({ digit, second, number: text, sure, message })) write(find(id), words);
    find("number").style.setProperty("--length", text.length);
    find("widen").hidden = !widen;
    find("example").hidden = state !== "empty";
  }

  /** Shows no answer: there is no ink (`empty`), or the server refused it (`refused`), as `message` says. */
  none(state, message) {
    this.#say(state, { message });
    this.#bars.show(null);
    this.#pieces();
    find("took").textContent = "";
  }

  waiting(words) { this.#say("waiting", { message: words }); }

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
    this.#pieces();
    this.#took(milliseconds, prediction.own && !prediction.served);
  }

  reading(reading, milliseconds) {
    const { text, confidence, alternatives = [], others = [] } = reading;
    const list = alternatives.slice(0, 3).map((each) => `${each.text} (${percent(each.probability)})`).join(", ");
    const foreign = others.length ? t("others", { count: number(others.length) }) : "";
    const message = [t("readAs"), list ? t("alternatives", { list }) : "", foreign].filter(Boolean).join(" ");
    if (text) this.#say("number", { text, sure: percent(confidence), message });
    else this.#say("none", { message: [t("noNumber"), foreign].join(" ") });
    this.#pieces(reading);
    this.#took(milliseconds);
  }

  #took(milliseconds, here = false) {
    write(find("took"), t(here ? "tookHere" : "took", { ms: number(Math.max(1, Math.round(milliseconds))) }));
  }

  /** Lists the digits of a number, each to be chosen, and its marks between them. */
  #pieces({ text = "", digits = [], marks = [] } = {}) {
    find("pieces").hidden = digits.length === 0;
    find("piece").textContent = "";
    const held = this.#buttons.indexOf(document.activeElement);
    this.#buttons = digits.map(({ digit, confidence }, index) => {
      const weak = confidence < WEAK ? "weak" : null;
      const button = el("button", { type: "button", class: weak }, el("b", {}, String(digit)), " ", el("span", {}, percent(confidence)));
      button.addEventListener("click", () => this.choose(index));
      return button;
    });
    const [buttons, between] = [this.#buttons.values(), marks.values()];
    const mark = ({ mark: sign, confidence }) => [el("b", {}, sign), " ", el("span", {}, percent(confidence))];
    const each = (sign) => (/\d/.test(sign) ? el("li", {}, buttons.next().value) : el("li", { class: "mark" }, ...mark(between.next().value)));
    find("pieces").replaceChildren(...[...text.replaceAll("\n", "")].map(each));
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
    find("piece").textContent = list ? `${said} ${t("alternatives", { list })}` : said;
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

/** The words for a refusal of `ink`, by its status; `reading` when a number was looked for in it, of a `pattern` perhaps. */
export function refusal(error, ink, reading = false, pattern = "") {
  const lock = keyed() ? "wrongKey" : "locked";
  const known = { 400: "notImage", 401: lock, 403: lock, 413: "tooLarge", 415: "unsupported", 422: "noInk" };
  const drawn = { 401: lock, 403: lock, 413: "tooMuch", 422: reading ? "noNumber" : "noInk" };
  const kind = error.problem?.type?.split("#")[1];
  const nobody = !kind && [404, 405, 501].includes(error.status) ? "needsServer" : null;
  const unfit = pattern ? { "invalid-parameter": "badPattern", "no-ink": "noFit" }[kind] : null;
  const key = nobody ?? unfit ?? (ink.strokes ? drawn : known)[error.status];
  return key && kind !== "invalid-strokes" ? t(key) : t("failed", { why: error.message });
}
