/**
 * LeNet-5 with SiLU, max pooling and a full C3 (the default's topology) in plain JavaScript:
 * its weights out of a safetensors file, every layer of one field, and the digit head.
 */
const SIDE = 28;

/** A half precision number from its 16 bits. */
function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

/** The tensors in a safetensors file (an ArrayBuffer) by name, and the description that the project keeps there. */
export function unpack(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const { __metadata__: about, ...entries } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const data = buffer.slice(8 + length);
  const tensors = {};
  for (const [name, { dtype, data_offsets: [from, to] }] of Object.entries(entries)) {
    tensors[name] = dtype === "F16" ? Float32Array.from(new Uint16Array(data.slice(from, to)), half) : new Float32Array(data.slice(from, to));
  }
  return { tensors, about: about ? JSON.parse(about.digits) : null };
}

const silu = (value) => value / (1 + Math.exp(-value));

/** A 5x5 convolution without padding: `sources` maps of `side` pixels a side to `maps` of four less. */
function convolve(input, sources, side, weight, bias, maps) {
  const out = side - 4;
  const made = new Float32Array(maps * out * out);
  let to = 0;
  for (let map = 0; map < maps; map += 1) {
    for (let y = 0; y < out; y += 1) {
      for (let x = 0; x < out; x += 1, to += 1) {
        let [sum, w] = [bias[map], map * sources * 25];
        for (let source = 0; source < sources; source += 1) {
          let at = (source * side + y) * side + x;
          for (let row = 0; row < 5; row += 1, at += side, w += 5) {
            sum += weight[w] * input[at] + weight[w + 1] * input[at + 1] + weight[w + 2] * input[at + 2] + weight[w + 3] * input[at + 3] + weight[w + 4] * input[at + 4];
          }
        }
        made[to] = sum;
      }
    }
  }
  return made;
}

/** The largest of each 2x2 pixels of maps of `side` pixels a side, through the activation. */
function pool(maps, side) {
  const out = side / 2;
  const made = new Float32Array(maps.length / 4);
  for (let i = 0; i < made.length; i += 1) {
    const at = Math.floor(i / out) * 2 * side + (i % out) * 2;
    made[i] = silu(Math.max(maps[at], maps[at + 1], maps[at + side], maps[at + side + 1]));
  }
  return made;
}

/** Each unit's weighted sum of all `input`, and its bias. */
export function connect(input, weight, bias) {
  const width = input.length;
  return bias.map((start, unit) => {
    let sum = start;
    for (let i = 0, at = unit * width; i < width; i += 1, at += 1) sum += weight[at] * input[i];
    return sum;
  });
}

export class Network {
  /** `buffer` is a safetensors file; `about` is then its description, null where it has none. */
  constructor(buffer) { Object.assign(this, unpack(buffer)); }

  /** Every layer's activations for a field of 784 values, 0 to 255, by name; `output` are ten logits. */
  layers(field) {
    const of = (name) => [this.tensors[`${name}.weight`], this.tensors[`${name}.bias`]];
    const input = Float32Array.from(field, (value) => value / 255);
    const padded = new Float32Array(32 * 32);
    for (let y = 0; y < SIDE; y += 1) padded.set(input.subarray(y * SIDE, (y + 1) * SIDE), (y + 2) * 32 + 2);
    const C1 = convolve(padded, 1, 32, ...of("C1"), 6);
    const S2 = pool(C1, 28);
    const C3 = convolve(S2, 6, 14, ...of("C3"), 16);
    const S4 = pool(C3, 10);
    const C5 = connect(S4, ...of("C5")).map(silu);
    const F6 = connect(C5, ...of("F6")).map(silu);
    return { input, C1, S2, C3, S4, C5, F6, output: connect(F6, ...of("output")) };
  }

  /** The digit head's logit for F6's activations; null where the network has none. */
  legible(units) {
    const part = (name) => this.tensors[`digit_head.${name}`];
    if (!part("score.weight")) return null;
    const hidden = connect(units, part("hidden.weight"), part("hidden.bias")).map(silu);
    return connect(hidden, part("score.weight"), part("score.bias"))[0];
  }
}

/** The shapes of what the layers give: maps, height, width; or units. */
export const SHAPES = { C1: [6, 28, 28], S2: [6, 14, 14], C3: [16, 10, 10], S4: [16, 5, 5], C5: [120], F6: [84], output: [10] };

/** Layers in the shape that the service gives them. */
export const described = (layers) => Object.fromEntries(Object.entries(SHAPES).map(([name, shape]) => [name, { shape, values: layers[name] }]));
