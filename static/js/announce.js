/** Tells screen readers what changed, once a moment has passed without a further change. */
const CALM = 500;

export class Announcer {
  #timer = 0;

  constructor(region) {
    this.region = region;
  }

  say(words) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.region.textContent = words;
    }, CALM);
  }
}
