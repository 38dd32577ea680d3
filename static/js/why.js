/** Why not another digit? The recorded digits that the drawing is near to in F6, and the ink without which it would be one. */
import { digitButtons, el, find, pixels } from "./dom.js";
import { answer } from "./engine/recogniser.js";
import { nearest, recorded } from "./engine/recorded.js";
import { number, percent, t } from "./i18n.js";
import { paintPixels } from "./palette.js";

/** Each stroke is cut into this many parts, which are taken away one at a time. */
const PARTS = 6;

/** The drawings that are left without one stroke, or without one part of a stroke. */
export const removals = (strokes) =>
  strokes.flatMap((points, which) => {
    const others = strokes.filter((_, i) => i !== which);
    const edge = (part) => Math.round((part * points.length) / PARTS);
    const cut = (_, part) => [...others, points.slice(0, edge(part)), points.slice(edge(part + 1))].filter(({ length }) => length);
    return [others, ...(points.length < PARTS ? [] : Array.from({ length: PARTS }, cut))].filter(({ length }) => length);
  });

export class Why {
  #shown = null;

  /** `local` has the page's own network. */
  constructor(local) {
    this.local = local;
    find("why-digits").append(...digitButtons((digit) => this.#explain(digit)));
  }

  /** Offers to explain the page's own `answer` to `ink`, in the scheme's colours; null for no offer. */
  offer(ink, found, ramps) {
    this.#shown = ink?.strokes && found.own ? { strokes: ink.strokes, found, ramps } : null;
    find("why").hidden = !this.#shown;
    find("why-says").replaceChildren();
  }

  async #explain(wanted) {
    const shown = this.#shown;
    const { strokes, found, ramps } = shown;
    const samples = await recorded().catch(() => null);
    if (shown !== this.#shown) return;
    if (!samples) return find("why-says").replaceChildren(t("watchAway"));
    const { network } = this.local;
    const row = (title, pictures) => {
      const figure = ([field, caption]) => {
        const canvas = pixels();
        paintPixels(canvas, field, 28, ramps.ink, 255);
        return el("figure", {}, canvas, el("figcaption", {}, caption));
      };
      return [el("h3", {}, title), el("div", { class: "row" }, ...pictures.map(figure))];
    };
    const near = (digit) => row(t("whyNear", { digit }), nearest(network, samples, found.layers.F6.values, digit).map(({ field, distance }) => [field, number(distance, 1)]));
    if (wanted === found.digit) return find("why-says").replaceChildren(...near(wanted));
    const left = removals(strokes).map((rest) => answer(network, rest)).sort((a, b) => b.probabilities[wanted] - a.probabilities[wanted]);
    const turned = ({ digit, is_digit: legible, probabilities, input }) =>
      row(t(digit === wanted && legible ? "whyTurned" : "whyNearest", { digit: wanted, percent: percent(probabilities[wanted]) }), [[input.pixels, t("whyRest")]]);
    return find("why-says").replaceChildren(...near(found.digit), ...near(wanted), ...left.slice(0, 1).flatMap(turned));
  }
}
