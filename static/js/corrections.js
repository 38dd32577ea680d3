/**
 * 'That was a 4': the page's own network learns the right digit of a drawing, and the server keeps it if its
 * operator wants that.
 */
import { correct } from "./api.js";
import { digitButtons, find } from "./dom.js";
import { number, t } from "./i18n.js";

export class Corrections {
  #ink = null;
  #answer = null;
  #kept = null;
  #allowed = false;

  /** `desk` has the page's own network, `local`, and asks its question again when the network has learned. */
  constructor(desk) {
    this.desk = desk;
    find("labels").append(...digitButtons((digit) => this.#take(digit)));
    find("unlearn").addEventListener("click", async () => {
      find("thanks").textContent = await this.#learn(this.desk.local.lessons.slice(0, -1));
    });
    this.render();
  }

  render() {
    [...find("labels").children].forEach((button, digit) => button.setAttribute("aria-label", t("itWasA", { digit })));
  }

  allow(allowed) {
    this.#allowed = allowed;
    find("kept").hidden = !allowed;
    this.#update();
  }

  /** Offers to correct the `answer` to `ink`; null for no offer. */
  offer(ink, answer) {
    if (JSON.stringify(ink?.strokes) !== JSON.stringify(this.#ink?.strokes)) find("thanks").textContent = "";
    [this.#ink, this.#answer] = [ink, answer];
    this.#update();
  }

  #update() {
    const { local, model } = this.desk;
    find("correct").hidden = !this.#ink || !(this.#allowed || (this.#answer?.own && local.serves(model)));
    find("unlearn").hidden = local.lessons.length === 0;
  }

  async #take(label) {
    const [ink, { own, input }] = [this.#ink, this.#answer];
    const said = [];
    const key = ink.file ?? JSON.stringify(ink.strokes);
    if (this.#allowed && this.#kept !== key) {
      this.#kept = key; // a second tap would store a second label for the same drawing
      said.push(await correct(ink, label).then(() => t("thanks", { digit: label }), (error) => t("notKept", { why: error.message })));
    }
    if (own) said.push(await this.#learn([...this.desk.local.lessons, { label, field: Uint8Array.from(input.pixels) }]));
    find("thanks").textContent = said.join(" ");
  }

  /** Teaches the page's network these lessons and no others; gives what to say of it. */
  async #learn(lessons) {
    const result = await this.desk.local.teach(lessons).catch(() => null);
    if (!result) return t("watchAway");
    this.desk.ask(true);
    this.#update();
    return t(lessons.length ? "taught" : "unlearned", { ...result, count: lessons.length, ms: number(Math.round(result.milliseconds)) });
  }
}
