/** Ten upright bars, one a digit; and a box over each digit, mark and other sign of a number. */
import { el, lay, write } from "./dom.js";
import { percent, t } from "./i18n.js";

/** From this probability on, a bar carries its figure. */
export const WORTH_SAYING = 0.01;

/** Whole percents; 100 only for a certainty, and `>99` for a value that would be rounded up to it. */
const whole = (value) => (value > 0.995 && value < 1 ? ">99" : String(Math.round(value * 100)));

export class Bars {
  #bars;

  constructor(list) {
    this.#bars = Array.from({ length: 10 }, (_, digit) => {
      const figure = el("span", { class: "figure", "aria-hidden": "true" });
      const fill = el("span", { class: "fill" });
      const said = el("span", { class: "sr" });
      const item = el("li", {}, figure, el("span", { class: "track" }, fill), el("span", { class: "name", "aria-hidden": "true" }, String(digit)), said);
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
      fill.style.transform = `scaleY(${value.toFixed(3)})`;
      write(figure, value >= WORTH_SAYING ? whole(value) : "");
      write(said, probabilities ? t("bar", { digit, percent: percent(value) }) : digit);
      item.classList.toggle("top", digit === top);
    });
  }
}

/**
 * Where boxes given in the ink's units lie on the sheet, in percent: `extent` is the width and height
 * of those units, `frame` the share of the sheet they are shown in, `[left, top, width, height]`.
 */
export function place([x, y, width, height], [across, down], frame = [0, 0, 1, 1]) {
  const [left, top, wide, high] = frame;
  return {
    left: (left + (x / across) * wide) * 100,
    top: (top + (y / down) * high) * 100,
    width: (width / across) * wide * 100,
    height: (height / down) * high * 100,
  };
}

/** A box with `by` more on every side, as ink is wider than the line through its points. */
export const grow = ([x, y, width, height], by) => [x - by, y - by, width + 2 * by, height + 2 * by];

/** The share of a sheet that a picture fills when it is contained in it, centred. */
export function contain([width, height], [sheetWidth, sheetHeight]) {
  const scale = Math.min(sheetWidth / width, sheetHeight / height);
  const [wide, high] = [(width * scale) / sheetWidth, (height * scale) / sheetHeight];
  return [(1 - wide) / 2, (1 - high) / 2, wide, high];
}

export function showBoxes(layer, digits, extent, frame) {
  layer.replaceChildren(
    ...digits.map(({ digit, mark, other, confidence, box }) => {
      const at = place(box, extent, frame);
      const element = el("div", { class: other ? "box other" : "box" }, ...(other ? [] : [el("b", {}, String(digit ?? mark))]));
      element.classList.toggle("weak", confidence < 0.8);
      element.classList.toggle("low", at.top < 8);
      lay(element, at);
      return element;
    }),
  );
}
