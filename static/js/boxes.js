/** A box and an answer over each digit of a number. */

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
    ...digits.map(({ digit, confidence, box }) => {
      const element = document.createElement("div");
      const at = place(box, extent, frame);
      element.className = "box";
      element.classList.toggle("weak", confidence < 0.8);
      element.classList.toggle("low", at.top < 8);
      for (const [side, value] of Object.entries(at)) element.style[side] = `${value}%`;
      const label = document.createElement("b");
      label.textContent = digit;
      element.append(label);
      return element;
    }),
  );
}
