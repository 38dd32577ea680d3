/** Says that the server is away or busy, and counts down to the next try. */
import { Away } from "./api.js";
import { number, t } from "./i18n.js";

export class Notice {
  #timer = 0;
  #troubles = new Map();

  /** `stale` is what must not pass for an answer meanwhile. */
  constructor(element, stale) {
    this.element = element;
    this.stale = stale;
  }

  /** The call named `of` failed with `error`, and is tried again in so many seconds. */
  trouble(of, error, seconds) {
    this.#troubles.set(of, { key: error instanceof Away ? "away" : "busy", at: performance.now() + seconds * 1000 });
    this.#show();
  }

  /** The call named `of` was answered. */
  well(of) {
    if (this.#troubles.delete(of)) this.#show();
  }

  #show() {
    clearInterval(this.#timer);
    const [trouble] = [...this.#troubles.values()].sort((a, b) => a.at - b.at);
    this.element.hidden = !trouble;
    this.stale.classList.toggle("stale", this.#troubles.has("answer"));
    if (!trouble) return;
    const tell = () => {
      const seconds = Math.ceil((trouble.at - performance.now()) / 1000);
      this.element.textContent = t(trouble.key, { seconds: number(Math.max(1, seconds)) });
    };
    tell();
    this.#timer = setInterval(tell, 1000);
  }
}
