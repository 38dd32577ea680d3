/** Says that the server is unreachable or busy, and counts down to the next try. */
import { Unreachable } from "./api.js";
import { number, t } from "./i18n.js";

export class Notice {
  #timer = 0;
  #failures = new Map();

  /** `answer` is dimmed while it is out of date. */
  constructor(element, answer) {
    this.element = element;
    this.answer = answer;
  }

  /** Says that `call` failed with `error`, and is tried again in so many seconds. */
  failed(call, error, seconds) {
    this.#failures.set(call, { key: error instanceof Unreachable ? "away" : "busy", at: performance.now() + seconds * 1000 });
    this.#show();
  }

  /** Says no more of `call`: it was answered. */
  succeeded(call) {
    if (this.#failures.delete(call)) this.#show();
  }

  #show() {
    clearInterval(this.#timer);
    const [failure] = [...this.#failures.values()].sort((a, b) => a.at - b.at);
    this.element.hidden = !failure;
    this.answer.classList.toggle("stale", this.#failures.has("answer"));
    if (!failure) return;
    const update = () => {
      const seconds = Math.ceil((failure.at - performance.now()) / 1000);
      this.element.textContent = t(failure.key, { seconds: number(Math.max(1, seconds)) });
    };
    update();
    this.#timer = setInterval(update, 1000);
  }
}
