/** Pixels for values: colours from the page's scheme, painted one value a pixel. */

/** `[red, green, blue]` of a CSS colour as getComputedStyle gives it. */
export const rgb = (text) => (text.match(/[\d.]+/g) ?? [0, 0, 0]).slice(0, 3).map(Number);

const mix = (a, b, t) => a.map((value, i) => Math.round(value + (b[i] - value) * t));

/**
 * 511 colours for -1 to 1: `low` at -1, `zero` in the middle, `high` at 1; a `gamma` below 1 shows
 * small values better.
 */
export function ramp(low, zero, high, gamma = 1) {
  const colours = [];
  for (let i = -255; i <= 255; i += 1) colours.push(mix(zero, i < 0 ? low : high, (Math.abs(i) / 255) ** gamma));
  return colours;
}

/** The colour for `value` out of -limit to limit. */
export function colourOf(ramped, value, limit) {
  const share = limit > 0 ? Math.min(1, Math.max(-1, value / limit)) : 0;
  return ramped[Math.round(share * 255) + 255];
}

/** The ramps of the current scheme, from the colours of a hidden element's named children. */
export function ramps(probe) {
  const colour = (name) => {
    probe.className = name;
    return rgb(getComputedStyle(probe).color);
  };
  const zero = colour("c-zero");
  const ink = colour("c-ink");
  return { ink: ramp(zero, zero, ink), signed: ramp(colour("c-low"), zero, colour("c-high"), 0.7) };
}

/** The largest absolute value, 0 for none. */
export const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Paints `values` (row-major, `width` a row) one a pixel; the style sheet enlarges them. */
export function paintPixels(canvas, values, width, ramped, limit) {
  const height = Math.ceil(values.length / width);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  values.forEach((value, i) => {
    const [red, green, blue] = colourOf(ramped, value, limit);
    image.data.set([red, green, blue, 255], i * 4);
  });
  context.putImageData(image, 0, 0);
}

export function wipe(canvas) {
  canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
}
