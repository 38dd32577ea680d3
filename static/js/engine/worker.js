/** Computes which ink spoke, beside the page, so that the pen never waits for it. */
import { Network } from "./network.js";
import { saliency } from "./recogniser.js";

let network = null;

addEventListener("message", ({ data: { weights, field } }) => {
  if (weights) network = new Network(weights);
  else postMessage(saliency(network, field));
});
