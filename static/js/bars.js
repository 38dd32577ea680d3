/** Ten upright bars, one a digit. */
import { percent, t } from "./i18n.js";

/** From this probability on, a bar carries its figure. */
export const WORTH_SAYING = 0.01;

/** Whole percents; 100 only for a certainty, and what would be rounded up to it is more than 99. */
const whole = (value) => (value > 0.995 && value < 1 ? ">99" : String(Math.round(value * 100)));

export class Bars {
  #bars;

  constructor(list) {
    this.#bars = Array.from({ length: 10 }, (_, digit) => {
      const item = document.createElement("li");
      const figure = document.createElement("span");
      figure.className = "figure";
      figure.setAttribute("aria-hidden", "true");
      const track = document.createElement("span");
      track.className = "track";
      const fill = document.createElement("span");
      fill.className = "fill";
      track.append(fill);
      const name = document.createElement("span");
      name.className = "name";
      name.setAttribute("aria-hidden", "true");
      name.textContent = digit;
      const said = document.createElement("span");
      said.className = "sr";
      item.append(figure, track, name, said);
      list.append(item);
      return { item, figure, fill, said };
    });
    this.show(null);
  }

  /** `probabilities` has ten values, or is null for no answer; the highest is marked. */
  show(probabilities) {
    const top = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
    this.#bars.forEach(({ item, figure, fill, said }, digit) => {
      const value = probabilities?.[digit] ?? 0;
      fill.style.transform = `scaleY(${value})`;
      figure.textContent = value >= WORTH_SAYING ? whole(value) : "";
      said.textContent = probabilities ? t("bar", { digit, percent: percent(value) }) : String(digit);
      item.classList.toggle("top", digit === top);
    });
  }
}
