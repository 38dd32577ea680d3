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
  #current = null;
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
      this.#current?.abort();
      this.#current = null;
      this.#go();
    } else if (!this.#current) {
      this.#later(this.#sent + GAP - performance.now());
    }
  }

  /** Drops the question that waits and the one under way. */
  cancel() {
    clearTimeout(this.#timer);
    this.#current?.abort();
    this.#current = null;
    this.#waiting = null;
    this.#tries = 0;
  }

  /** Makes the next try at once, as the network is back or the page is looked at again. */
  retry() {
    if (this.#tries > 0 && !this.#current) this.#go();
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
    this.#current = controller;
    this.#sent = performance.now();
    try {
      const answer = await this.send(question, controller.signal);
      if (controller !== this.#current) return;
      this.#current = null;
      this.#tries = 0;
      this.show(answer, question, performance.now() - this.#sent);
    } catch (error) {
      if (controller !== this.#current) return;
      this.#current = null;
      if (error.temporary) {
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
