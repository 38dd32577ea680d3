/** 'That was a 4': a drawing and its right label, kept by a server whose operator wants them. */
import { correct } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";

export class Corrections {
  #root;
  #labels;
  #thanks;
  #ink = null;
  #allowed = false;

  constructor(root) {
    this.#root = root;
    this.#labels = root.querySelector("#labels");
    this.#thanks = root.querySelector("#thanks");
    for (let digit = 0; digit < 10; digit += 1) {
      const button = el("button", { type: "button", class: "tool" }, String(digit));
      button.addEventListener("click", () => this.#send(digit));
      this.#labels.append(button);
    }
    this.render();
  }

  render() {
    [...this.#labels.children].forEach((button, digit) => button.setAttribute("aria-label", t("itWasA", { digit })));
  }

  allow(allowed) {
    this.#allowed = allowed;
    this.#update();
  }

  /** Offers to correct the answer to `ink`; null for no offer. */
  offer(ink) {
    if (ink !== this.#ink) this.#thanks.textContent = "";
    this.#ink = ink;
    this.#update();
  }

  #update() {
    this.#root.hidden = !this.#allowed || !this.#ink;
  }

  async #send(label) {
    try {
      await correct(this.#ink, label);
      this.#thanks.textContent = t("thanks", { digit: label });
    } catch (error) {
      this.#thanks.textContent = t("notKept", { why: error.message });
    }
  }
}
