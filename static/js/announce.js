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
      // The same words twice are no change, and would not be read out: an unseen mark makes them differ.
      this.region.textContent = this.region.textContent === words ? `${words}\u200b` : words;
    }, CALM);
  }
}
