/** Watch it learn: the inside of a network at some twenty moments of its training, on the drawing at hand. */
import { Bars } from "./bars.js";
import { find } from "./dom.js";
import { Network } from "./engine/network.js";
import { answerField } from "./engine/recogniser.js";
import { recorded } from "./engine/recorded.js";
import { number, percentage, t } from "./i18n.js";
import { kernelsOf } from "./local.js";

const FOLDER = new URL("../history/", import.meta.url);
const MODEL = "lenet5-mnist";

/** Milliseconds from one moment to the next while it plays. */
const PACE = 650;

/** Feeds the view of the inside: with what the served model makes of the ink, or what the model that is learning does. */
export class Watch {
  #model = null;
  #answer = null;
  #moments = null;
  #networks = new Map();
  #at = null;
  #example = null;
  #timer = 0;

  constructor(inside) {
    this.inside = inside;
    this.bars = new Bars(find("learning-bars"));
    find("play").addEventListener("click", () => (this.#timer ? this.#pause() : this.#play()));
    find("moment").addEventListener("input", ({ target }) => {
      this.#pause();
      this.#go(Number(target.value));
    });
    find("unwatch").addEventListener("click", () => {
      this.#pause();
      this.#at = null;
      this.render();
      find("play").focus();
    });
  }

  describe(model) {
    this.#model = model;
    this.render();
  }

  show(answer) {
    this.#answer = answer;
    if (this.#at === null) this.inside.show(answer);
    else this.render();
  }

  #pause() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    find("play").textContent = t("watch");
  }

  #play() {
    find("play").textContent = t("pause");
    const step = async () => {
      const began = this.#timer;
      const last = this.#at !== null && this.#at + 1 === this.#moments.length;
      if (last || !(await this.#go(this.#at === null ? 0 : this.#at + 1))) this.#pause();
      else if (this.#timer === began) this.#timer = setTimeout(step, PACE);
    };
    if (this.#at !== null && this.#at + 1 === this.#moments.length) this.#at = null;
    this.#timer = setTimeout(step, 0);
  }

  /** Shows a moment once its weights are here; gives whether they could be had. */
  async #go(at) {
    try {
      this.#example ??= { size: 28, pixels: (await recorded())[100].field };
      this.#moments ??= await (await fetch(new URL("index.json", FOLDER))).json();
      if (!this.#networks.has(at)) {
        const file = await fetch(new URL(`${String(at).padStart(2, "0")}.safetensors`, FOLDER));
        this.#networks.set(at, new Network(await file.arrayBuffer()));
      }
    } catch {
      find("learned").textContent = t("watchAway");
      return false;
    }
    this.#at = at;
    this.render();
    return true;
  }

  render() {
    const watching = this.#at !== null;
    find("watch").classList.toggle("on", watching);
    const card = watching ? { name: MODEL, moment: this.#at, input_size: 28, parameters: 61706, pooling: "max", second_look: null } : this.#model;
    if (card) find("inside-model").textContent = t("insideModel", { model: card.name, parameters: number(card.parameters) });
    if (!watching) {
      this.inside.describe(this.#model);
      this.inside.show(this.#answer);
      return;
    }
    const network = this.#networks.get(this.#at);
    const { size, pixels } = this.#answer?.input ?? this.#example;
    const margin = (size - 28) / 2;
    const within = (at) => at >= margin && at < size - margin;
    const field = Uint8Array.from(pixels.filter((_, i) => within(i % size) && within(Math.floor(i / size))));
    const answer = { ...answerField(network, field), model: MODEL };
    const { images, accuracy, loss } = this.#moments[this.#at];
    this.inside.describe({ ...card, kernels: kernelsOf(network) });
    this.inside.show(answer);
    this.bars.show(answer.probabilities);
    find("moment").max = this.#moments.length - 1;
    find("moment").value = this.#at;
    find("learning-digit").textContent = answer.digit;
    const values = { count: number(images), accuracy: percentage(accuracy, 1), loss: number(loss, 3) };
    find("learned").textContent = t("learned", values);
    find("moment").setAttribute("aria-valuetext", find("learned").textContent);
  }
}
