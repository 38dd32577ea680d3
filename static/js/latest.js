/**
 * One question at a time, and only the newest: what is asked while an answer is under way waits, and
 * replaces what waited before. An urgent question cancels the one under way instead.
 */

/** Milliseconds from one question to the next while the pen moves. */
const GAP = 70;
const SOONEST = 0.5;
const FIRST_RETRY = 1;
const LAST_RETRY = 15;

/** Seconds to wait before try number `tries` (from 0), when the server did not say. */
export const backoff = (tries) => Math.min(LAST_RETRY, FIRST_RETRY * 2 ** tries);

export class Latest {
  #waiting = null;
  #under = null;
  #timer = 0;
  #sent = -Infinity;
  #tries = 0;

  /**
   * `send(question, signal)` gives a promise; `show(answer, question, milliseconds)` and
   * `fail(error, question, seconds)` take its outcome, `seconds` being the wait before the next try,
   * or null when the same question need not be asked again.
   */
  constructor({ send, show, fail }) {
    this.send = send;
    this.show = show;
    this.fail = fail;
  }

  ask(question, urgent = false) {
    this.#waiting = { question };
    if (this.#tries > 0) return;
    if (urgent) {
      this.#under?.abort();
      this.#under = null;
      this.#go();
    } else if (!this.#under) {
      this.#later(this.#sent + GAP - performance.now());
    }
  }

  /** Forgets what waits and what is under way. */
  cancel() {
    clearTimeout(this.#timer);
    this.#under?.abort();
    this.#under = null;
    this.#waiting = null;
    this.#tries = 0;
  }

  /** Asks at once what waits for its next try: the network is back, or a person wants it. */
  retry() {
    if (this.#tries > 0 && !this.#under) this.#go();
  }

  #later(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#go(), Math.max(0, milliseconds));
  }

  async #go() {
    clearTimeout(this.#timer);
    if (!this.#waiting) return;
    const { question } = this.#waiting;
    this.#waiting = null;
    const controller = new AbortController();
    this.#under = controller;
    this.#sent = performance.now();
    try {
      const answer = await this.send(question, controller.signal);
      if (controller !== this.#under) return;
      this.#under = null;
      this.#tries = 0;
      this.show(answer, question, performance.now() - this.#sent);
    } catch (error) {
      if (controller !== this.#under) return;
      this.#under = null;
      if (error.passing) {
        const seconds = Math.max(SOONEST, error.retryAfter ?? backoff(this.#tries));
        this.#tries += 1;
        this.#waiting ??= { question };
        this.fail(error, question, seconds);
        this.#later(seconds * 1000);
        return;
      }
      this.#tries = 0;
      this.fail(error, question, null);
    }
    if (this.#waiting) this.#later(this.#sent + GAP - performance.now());
  }
}
