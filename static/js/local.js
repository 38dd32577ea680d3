/**
 * The default model in the page itself, with the same numbers as the service's: it follows the pen, and
 * answers where there is no server.
 */
import { Network } from "./engine/network.js";
import { answer } from "./engine/recogniser.js";
import { recorded, taught } from "./engine/recorded.js";

/** The kernels of a network, as the service tells them. */
export const kernelsOf = ({ tensors }) => ({
  C1: { shape: [6, 1, 5, 5], values: Array.from(tensors["C1.weight"]) },
  C3: { shape: [16, 6, 5, 5], values: Array.from(tensors["C3.weight"]), connections: Array(16).fill([0, 1, 2, 3, 4, 5]) },
});

export class Local {
  #worker = null;
  #busy = false;
  #next = null;
  #digests = new Map();
  #shipped = null;
  network = null;
  /** What people said that their drawings were: `[{label, field}, ...]`; the network has learned it. */
  lessons = [];

  /** `onSpoken(saliency)` is called when it is known which ink spoke in the latest answer. */
  constructor(onSpoken) {
    this.onSpoken = onSpoken;
    this.ready = this.#load().catch(() => {}); // without the weights the page asks the server for everything
  }

  async #load() {
    const response = await fetch(new URL("../weights.safetensors", import.meta.url));
    if (!response.ok) return;
    const weights = await response.arrayBuffer();
    this.network = this.#shipped = new Network(weights);
    this.#worker = new Worker(new URL("./engine/worker.js", import.meta.url), { type: "module" });
    this.#worker.addEventListener("message", ({ data }) => {
      this.#busy = false;
      this.onSpoken(data);
      this.#speak(this.#next);
    });
    this.#worker.postMessage({ weights });
  }

  /** What `GET /models` would say where there is no server; null before the weights are here. */
  get catalogue() {
    if (!this.network) return null;
    const { architecture, input_size: size, parameters, measured, digest, second_look: again } = this.network.about;
    return { default: architecture, models: [{ name: architecture, input_size: size, parameters, accuracy: measured.accuracy, pooling: "max", second_look: again, digest }] };
  }

  /** Learns which models there are. */
  know(models) { this.#digests = new Map(models.map(({ name, digest }) => [name, digest])); }

  /** Whether the model of that name has this network's weights. */
  serves(name) { return this.network !== null && this.#digests.get(name) === this.network.about.digest; }

  /** Learns `lessons` and nothing else; gives what that took, in milliseconds, and how it does on recorded digits. */
  async teach(lessons) {
    const samples = await recorded();
    const began = performance.now();
    const result = taught(this.#shipped, lessons, samples);
    this.lessons = lessons;
    this.network = lessons.length ? result.network : this.#shipped;
    return { ...result, milliseconds: performance.now() - began };
  }

  /** Answers strokes: a Prediction with its input and its layers. Which ink spoke is told later. */
  answer(strokes) {
    const found = { ...answer(this.network, strokes), own: true };
    this.#speak(Uint8Array.from(found.input.pixels));
    return found;
  }

  #speak(field) {
    this.#next = this.#busy ? field : null;
    if (this.#busy || !field) return;
    this.#busy = true;
    this.#worker.postMessage({ field });
  }
}
