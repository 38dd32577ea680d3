/**
 * Sends one question at a time, and only the newest: a question asked while an answer is under way waits, and
 * replaces the one that waited before. An urgent question cancels the one under way instead.
 */

/** Milliseconds from one question to the next while the pen moves. */
const GAP = 70;
const [SOONEST, FIRST_RETRY, LAST_RETRY] = [0.5, 1, 15];

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
  constructor(acts) { Object.assign(this, acts); }

  ask(question, urgent = false) {
    this.#waiting = { question };
    if (this.#tries > 0) return;
    if (urgent) {
      this.#current?.abort();
      this.#go();
    } else if (!this.#current) this.#later(this.#sent + GAP - performance.now());
  }

  /** Drops the question that waits and the one under way. */
  cancel() {
    clearTimeout(this.#timer);
    this.#current?.abort();
    this.#current = this.#waiting = null;
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
    const controller = new AbortController();
    [this.#waiting, this.#current, this.#sent] = [null, controller, performance.now()];
    const [answer, error] = await this.send(question, controller.signal).then((found) => [found, null], (failure) => [null, failure]);
    if (controller !== this.#current) return;
    this.#current = null;
    if (error?.temporary) {
      const seconds = Math.max(SOONEST, error.retryAfter ?? backoff(this.#tries));
      this.#tries += 1;
      this.#waiting ??= { question };
      this.fail(error, question, seconds);
      return this.#later(seconds * 1000);
    }
    this.#tries = 0;
    if (error) this.fail(error, question, null);
    else this.show(answer, question, performance.now() - this.#sent);
    return this.#waiting && this.#later(this.#sent + GAP - performance.now());
  }
}
