/** All models side by side on what is on the pad. */
import { verdict } from "./answer.js";
import { ask } from "./api.js";
import { el } from "./dom.js";
import { number, percent, percentage, t } from "./i18n.js";

export class Compare {
  #models = [];
  #question = null;
  #asking = new AbortController();

  /** `root` is a `details`: the models are asked while it is open. */
  constructor(root) {
    this.root = root;
    root.addEventListener("toggle", () => this.read(this.#question));
  }

  /** Builds a row for each model, in the current language. */
  render(models) {
    this.#models = models;
    const row = ({ name, description, parameters, accuracy }) => {
      const about = el("th", { scope: "row" }, name, " ", el("small", { lang: "en" }, description ?? ""));
      const measured = accuracy === null ? "" : percentage(accuracy, 2);
      return el("tr", {}, about, el("td", { class: "read" }), el("td"), el("td", {}, number(parameters)), el("td", {}, measured));
    };
    this.root.querySelector("tbody").replaceChildren(...models.map(row));
    this.read(this.#question);
  }

  /** Asks every model a question, `{ink, reading, pattern}`; null clears the table. */
  read(question) {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#question = question;
    const rows = this.root.querySelectorAll("tbody tr");
    this.#models.forEach(({ name }, i) => this.#ask(name, [...rows[i].cells].slice(1, 3), this.#asking.signal));
  }

  async #ask(name, [read, sure], signal) {
    if (!this.#question) read.textContent = sure.textContent = "";
    if (!this.#question || !this.root.open) return;
    const { ink, reading, pattern } = this.#question;
    const found = await ask(ink, { model: name, reading, pattern, signal }).catch(() => null); // the page's own question tells why
    if (signal.aborted) return;
    const kind = found && !reading ? verdict(found).kind : "sure";
    const no = kind === "none" || kind === "several";
    read.textContent = no ? "–" : (found?.text ?? found?.digit ?? "");
    sure.textContent = no ? t(kind) : found ? percent(found.confidence) : "";
  }
}
