/** The models: one to read with, and two or more side by side on the same drawing. */
import { verdict } from "./answer.js";
import { ask } from "./api.js";
import { el } from "./dom.js";
import { number, percent, percentage, t } from "./i18n.js";
import { backoff } from "./latest.js";

export function fillPicker(select, models, chosen) {
  select.replaceChildren(...models.map(({ name }) => el("option", { value: name, selected: name === chosen }, name)));
  select.value = chosen;
}

export class Compare {
  #list;
  #models = [];
  #chosen = new Set();
  #cards = new Map();
  #answers = new Map();
  #ink = null;
  #asking = new AbortController();

  constructor(list) {
    this.#list = list;
  }

  fill(models) {
    this.#models = models;
    this.render();
  }

  render() {
    this.#cards.clear();
    this.#list.replaceChildren(
      ...this.#models.map((model) => {
        const { name, input_size: size, parameters, accuracy } = model;
        const box = el("input", { type: "checkbox", value: name });
        box.checked = this.#chosen.has(name);
        box.addEventListener("change", () => {
          if (box.checked) this.#chosen.add(name);
          else this.#chosen.delete(name);
          this.#show(name);
          this.#ask(name);
        });
        const facts = el(
          "dl",
          {},
          el("div", {}, el("dt", {}, t("input")), el("dd", {}, `${size} × ${size}`)),
          el("div", {}, el("dt", {}, t("parameters")), el("dd", {}, number(parameters))),
          ...(accuracy === null ? [] : [el("div", {}, el("dt", {}, t("accuracy")), el("dd", {}, percentage(accuracy, 2)))]),
        );
        const digit = el("b", { class: "read" });
        const sure = el("span", { class: "sure" });
        const bars = el("span", { class: "mini", "aria-hidden": "true" }, ...Array.from({ length: 10 }, () => el("i")));
        const card = el("li", { class: "card" }, el("label", {}, box, el("span", {}, name)), facts, el("div", { class: "result" }, digit, sure, bars));
        this.#cards.set(name, { card, digit, sure, bars });
        return card;
      }),
    );
    for (const { name } of this.#models) this.#show(name);
  }

  /** Asks every chosen model about `ink`, except the one that gave `answer`; null for both clears the cards. */
  read(ink, answer) {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#ink = answer ? ink : null;
    if (answer) this.#answers.set(answer.model, answer);
    else this.#answers.clear();
    for (const { name } of this.#models) {
      if (answer && name !== answer.model) this.#ask(name);
      this.#show(name);
    }
  }

  async #ask(name, tries = 0) {
    const { signal } = this.#asking;
    if (!this.#chosen.has(name)) this.#answers.delete(name);
    if (!this.#chosen.has(name) || !this.#ink) return;
    try {
      this.#answers.set(name, await ask(this.#ink, { model: name, signal }));
    } catch (error) {
      if (signal.aborted) return;
      this.#answers.delete(name);
      if (error.temporary) setTimeout(() => signal.aborted || this.#ask(name, tries + 1), backoff(tries) * 1000);
    }
    if (!signal.aborted) this.#show(name);
  }

  #show(name) {
    const { card, digit, sure, bars } = this.#cards.get(name);
    const answer = this.#chosen.has(name) ? this.#answers.get(name) : null;
    card.classList.toggle("on", this.#chosen.has(name));
    const found = answer ? verdict(answer) : null;
    digit.textContent = found && found.kind !== "none" && found.kind !== "several" ? found.digit : found ? "–" : "";
    sure.textContent = found ? (found.kind === "sure" || found.kind === "unsure" ? percent(answer.confidence) : t(found.kind)) : "";
    [...bars.children].forEach((bar, i) => {
      bar.style.transform = `scaleY(${answer?.probabilities[i] ?? 0})`;
    });
  }
}
