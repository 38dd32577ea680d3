/** The page's notices: that the server is away or busy, and, for screen readers, what changed. */
import { Unreachable } from "./api.js";
import { number, t } from "./i18n.js";

const CALM = 500;

/** Says that the server is unreachable or busy, and counts down to the next try. */
export class Notice {
  #timer = 0;
  #failures = new Map();

  constructor(element) { this.element = element; }

  /** Says that `call` failed with `error`, is tried again in so many seconds, and whether the page answers meanwhile. */
  failed(call, error, seconds, here = false) {
    const away = error instanceof Unreachable || !error.temporary;
    this.#failures.set(call, { key: away ? (here ? "awayHere" : "away") : "busy", at: performance.now() + seconds * 1000 });
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
    if (!failure) return;
    const update = () => {
      const seconds = Math.ceil((failure.at - performance.now()) / 1000);
      this.element.textContent = t(failure.key, { seconds: number(Math.max(1, seconds)) });
    };
    update();
    this.#timer = setInterval(update, 1000);
  }
}

/** Tells screen readers what changed, once a moment has passed without a further change. */
export class Announcer {
  #timer = 0;

  constructor(region) { this.region = region; }

  say(words) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // The same words twice are no change, and would not be read out: an unseen mark makes them differ.
      this.region.textContent = this.region.textContent === words ? `${words}\u200b` : words;
    }, CALM);
  }
}
