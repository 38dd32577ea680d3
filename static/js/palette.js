/** Pixels for values: colours from the page's scheme, painted one value a pixel. */

/** `[red, green, blue]` of a CSS colour as getComputedStyle gives it. */
export const rgb = (text) => (text.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);

/**
 * 511 colours for -1 to 1, each a pixel of a canvas as one number: `low` at -1, `zero` in the middle, `high`
 * at 1; a `gamma` below 1 shows small values better.
 */
export const ramp = (low, zero, high, gamma = 1) =>
  Uint32Array.from({ length: 511 }, (_, i) => {
    const share = (Math.abs(i - 255) / 255) ** gamma;
    const [red, green, blue] = zero.map((value, at) => Math.round(value + ((i < 255 ? low : high)[at] - value) * share));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });

/** The ramps of the current scheme; `probe` is a hidden element that takes on its colours one by one. */
export function ramps(probe) {
  const [zero, ink, low, high] = ["sheet", "ink", "cool", "accent"].map((name) => {
    probe.style.color = `var(--${name})`;
    return rgb(getComputedStyle(probe).color);
  });
  return { ink: ramp(zero, zero, ink), signed: ramp(low, zero, high, 0.7) };
}

/** The largest absolute value. */
export const largest = (values) => Math.max(Math.max(...values), -Math.min(...values));

/** Paints `values` (row-major, `width` a row) one a pixel; the style sheet enlarges them. */
export function paintPixels(canvas, values, width, ramped, limit) {
  const height = Math.ceil(values.length / width);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const colours = new Uint32Array(image.data.buffer);
  const scale = limit > 0 ? 255 / limit : 0;
  for (let i = 0; i < values.length; i += 1) colours[i] = ramped[Math.round(Math.min(255, Math.max(-255, values[i] * scale))) + 255];
  context.putImageData(image, 0, 0);
}
