/**
 * From a field to the answer that the service gives: a second look where the network is unsure, calibration,
 * the decision and which ink spoke (model/recognition: second_look, calibration, decision, saliency).
 */
import { fieldOf, pieces } from "./field.js";
import { described } from "./network.js";

const SIDE = 28;
const TURN = (8 * Math.PI) / 180;
const LEAN = 0.2;
const BLEND = 0.02;
const UNSURE = 0.6;
const BOTH = 0.85;
const WINDOW = 5;
const STEP = 2;

const { fround } = Math;

export function softmax(logits, temperature = 1) {
  const top = Math.max(...logits);
  const shares = Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}

/** The field with each pixel halfway to the minimum or maximum of its 3x3 neighbourhood. */
function towards(field, extreme) {
  return field.map((value, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    let found = value;
    for (let v = Math.max(0, y - 1); v <= Math.min(SIDE - 1, y + 1); v += 1) {
      for (let u = Math.max(0, x - 1); u <= Math.min(SIDE - 1, x + 1); u += 1) found = extreme(found, field[v * SIDE + u]);
    }
    return (found + value + 1) >> 1;
  });
}

/** The field resampled by bilinear interpolation: the matrix maps each new pixel, seen from the middle, to its source. */
function moved(field, [[a, b], [c, d]]) {
  const middle = (SIDE - 1) / 2;
  return field.map((_, i) => {
    const [x, y] = [(i % SIDE) - middle, Math.floor(i / SIDE) - middle];
    const [u, v] = [a * x + b * y + middle, c * x + d * y + middle];
    const [left, top] = [Math.floor(u), Math.floor(v)];
    let value = 0;
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]]) {
      const [p, q] = [left + dx, top + dy];
      if (p < 0 || p >= SIDE || q < 0 || q >= SIDE) continue;
      const share = (dx ? u - left : 1 - (u - left)) * (dy ? v - top : 1 - (v - top));
      value = fround(value + fround(field[q * SIDE + p] * fround(share)));
    }
    return Math.trunc(fround(value + 0.5));
  });
}

/** The same ink thinner, thicker, turned and leaned. */
const sights = (field) => [
  towards(field, Math.min),
  towards(field, Math.max),
  moved(field, [[Math.cos(TURN), Math.sin(TURN)], [-Math.sin(TURN), Math.cos(TURN)]]),
  moved(field, [[1, -LEAN], [0, 1]]),
];

/** What the network makes of a field: its layers, and logits and digit logit after the second look. */
export function look(network, field) {
  const layers = network.layers(field);
  const first = { layers, logits: layers.output, legible: network.legible(layers.F6) };
  const certain = network.about?.second_look ?? 0;
  const weight = Math.min(1, Math.max(0, (certain - Math.max(...softmax(layers.output))) / BLEND));
  if (weight === 0) return first;
  const further = sights(field).map((sight) => network.layers(sight));
  const mean = (own, others) => own + weight * (others.reduce((a, b) => a + b, own) / (1 + others.length) - own);
  const logits = layers.output.map((own, digit) => mean(own, further.map(({ output }) => output[digit])));
  const legible = first.legible === null ? null : mean(first.legible, further.map(({ F6 }) => network.legible(F6)));
  return { layers, logits, legible };
}

/** The decision about ten probabilities and a digit score, in the words of the API. */
function decide(probabilities, score, several, accept) {
  const order = probabilities.map((_, digit) => digit).sort((a, b) => probabilities[b] - probabilities[a]);
  const [digit, second] = order;
  if (score < accept || several) return { digit, is_digit: false, reason: several ? "looks like several digits" : "not one legible digit" };
  const close = probabilities[digit] < UNSURE && probabilities[digit] + probabilities[second] >= BOTH;
  return { digit, is_digit: true, reason: close ? "unsure between two" : null, ...(close ? { between: [digit, second].sort((a, b) => a - b) } : {}) };
}

/** Answers a field, `several` when more than one digit seems to be there: a Prediction with its input and layers. */
export function answerField(network, field, several = false) {
  const { layers, logits, legible } = look(network, field);
  const { temperature = 1, digit_scale: scale = 1, digit_offset: offset = 0, accept = 0, architecture } = network.about ?? {};
  const probabilities = softmax(logits, temperature);
  const score = legible === null ? 1 : 1 / (1 + Math.exp(-(scale * legible + offset)));
  const decision = decide(probabilities, score, several, accept);
  return {
    digit: decision.digit, confidence: probabilities[decision.digit], probabilities, is_digit: decision.is_digit, digit_score: score,
    reason: decision.reason, model: architecture, input_size: SIDE, ...(decision.between ? { between: decision.between } : {}),
    input: { size: SIDE, pixels: Array.from(field) }, layers: described(layers),
  };
}

export const answer = (network, strokes) => answerField(network, fieldOf(strokes), pieces(strokes) > 1);

/** The log-odds of `digit` against all others together. */
function odds(logits, digit) {
  const others = logits.filter((_, i) => i !== digit);
  const top = Math.max(...others);
  return logits[digit] - top - Math.log(others.reduce((sum, each) => sum + Math.exp(each - top), 0));
}

/** How much each pixel's ink speaks for the answer, -1 to 1: what blanking a window over it costs. */
export function saliency(network, field) {
  const logits = network.layers(field).output;
  const digit = logits.indexOf(Math.max(...logits));
  const whole = odds(logits, digit);
  const [spoken, times] = [new Float64Array(SIDE * SIDE), new Uint8Array(SIDE * SIDE)];
  for (let top = -(WINDOW >> 1); top < SIDE - (WINDOW >> 1); top += STEP) {
    for (let left = -(WINDOW >> 1); left < SIDE - (WINDOW >> 1); left += STEP) {
      const inside = [];
      for (let y = Math.max(0, top); y < Math.min(SIDE, top + WINDOW); y += 1) {
        for (let x = Math.max(0, left); x < Math.min(SIDE, left + WINDOW); x += 1) inside.push(y * SIDE + x);
      }
      const ink = inside.reduce((sum, at) => sum + field[at], 0);
      if (ink === 0) continue;
      const blanked = field.slice();
      for (const at of inside) blanked[at] = 0;
      const change = whole - odds(network.layers(blanked).output, digit);
      for (const at of inside) {
        spoken[at] += (change * field[at]) / ink;
        times[at] += 1;
      }
    }
  }
  const means = Array.from(spoken, (value, at) => value / Math.max(times[at], 1));
  const strongest = means.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { size: SIDE, pixels: strongest > 0 ? means.map((value) => value / strongest) : means };
}
