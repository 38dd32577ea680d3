/**
 * Twenty recorded digits of each kind (MNIST's training images). A drawing is compared with them, and they keep
 * the network from forgetting while its last layer learns from corrections.
 */
import { Network, connect } from "./network.js";
import { softmax } from "./recogniser.js";

const EACH = 20;
const PASSES = 200;
const RATE = 0.02;

let loaded = null;

/** The recorded digits, `[{label, field}, ...]`, fetched once. */
export const recorded = () =>
  (loaded ??= fetch(new URL("../../recorded.bin", import.meta.url)).then(async (response) => {
    const bytes = new Uint8Array(await response.arrayBuffer());
    return Array.from({ length: bytes.length / 784 }, (_, i) => ({ label: Math.floor(i / EACH), field: bytes.subarray(i * 784, (i + 1) * 784) }));
  }).catch((error) => {
    loaded = null;
    throw error;
  }));

const features = (network, samples) => samples.map(({ label, field }) => ({ label, units: network.layers(field).F6 }));

/** The three recorded digits of a kind that are nearest to `units` in F6, each with its distance. */
export const nearest = (network, samples, units, digit) =>
  samples.filter(({ label }) => label === digit)
    .map(({ field }) => ({ field, distance: Math.hypot(...network.layers(field).F6.map((value, i) => value - units[i])) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3);

/** How many of `samples` a network reads as they are labelled. */
const right = (output, known) =>
  known.filter(({ label, units }) => { const logits = connect(units, ...output); return logits.indexOf(Math.max(...logits)) === label; }).length;

/**
 * A copy of `network` whose last layer (850 weights) learned `lessons`, `[{label, field}, ...]`, beside the
 * recorded digits, by gradient descent on the cross-entropy; and how many recorded digits it has right, before and after.
 */
export function taught(network, lessons, samples) {
  const known = features(network, samples);
  const wanted = features(network, lessons);
  const before = [network.tensors["output.weight"], network.tensors["output.bias"]];
  const [weight, bias] = before.map((values) => values.slice());
  for (let pass = 0; pass < PASSES; pass += 1) {
    let surest = 1;
    for (const [all, rate] of [[known, RATE / 4], [wanted, RATE]]) {
      for (const { label, units } of all) {
        const wrong = softmax(connect(units, weight, bias));
        if (all === wanted) surest = Math.min(surest, wrong[label]);
        wrong[label] -= 1;
        wrong.forEach((error, digit) => {
          bias[digit] -= rate * error;
          for (let i = 0; i < units.length; i += 1) weight[digit * units.length + i] -= rate * error * units[i];
        });
      }
    }
    if (surest > 0.9) break;
  }
  const copy = Object.assign(Object.create(Network.prototype), network, { tensors: { ...network.tensors, "output.weight": weight, "output.bias": bias } });
  return { network: copy, before: right(before, known), after: right([weight, bias], known), of: known.length };
}
