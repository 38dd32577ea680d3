/**
 * What LeNet-5's layers are (LeCun et al. 1998, section II.B; the counts follow from the shapes, so they hold
 * for every variant); and a lesson on one of them: its sizes, its parameters, its kernels, the window behind a pixel.
 */
import { ARROWS, el, lay, pixels } from "./dom.js";
import { SHAPES } from "./engine/network.js";
import { clamp } from "./strokes.js";
import { number, t } from "./i18n.js";
import { largest, paintPixels } from "./palette.js";

export const ORDER = ["input", "C1", "S2", "C3", "S4", "C5", "F6", "output"];

/** The layers that are made of maps, each of which can be chosen. */
export const MAPPED = ["C1", "S2", "C3", "S4"];

/** The shape of the one map in which the units of a layer without maps are shown: maps, height, width. */
export const GRIDS = { C5: [1, 10, 12], F6: [1, 12, 7] };

/** Maps, height and width of a layer's `shape`, whatever its number of axes. */
export const extent = (shape) => [1, 1, ...shape].slice(-3);

/** The values of one map of `layer` = `{shape, values}`. */
export function mapOf(layer, map) {
  const [, height, width] = extent(layer.shape);
  return layer.values.slice(map * height * width, (map + 1) * height * width);
}

/** Which maps of the layer before feed map `map`; `connections` is C3's table. */
export function feeders(layer, map, connections) {
  if (layer === "C1") return [0];
  if (layer === "S2" || layer === "S4") return [map];
  if (layer === "C3") return connections?.[map] ?? [0, 1, 2, 3, 4, 5];
  return [];
}

/** Which maps of the layer after `layer` map `map` feeds. */
export function fed(layer, map, connections) {
  const next = ORDER[ORDER.indexOf(layer) + 1];
  if (!MAPPED.includes(next)) return [];
  const maps = next === "S2" ? 6 : 16;
  return Array.from({ length: maps }, (_, i) => i).filter((each) => feeders(next, each, connections).includes(map));
}

/** How many links lead from S2 to C3: 60 in the table of 1998, 96 when every map feeds every other. */
export const links = (connections) => (connections ? connections.reduce((sum, each) => sum + each.length, 0) : 96);

/**
 * Trainable parameters of each layer, given the network's total: a subsampling with parameters has two
 * a map (12 and 32), and an output of fixed codes has none.
 */
export function parameters(total, connections) {
  const fixed = { C1: 6 * 26, C3: links(connections) * 25 + 16, C5: 120 * (16 * 25 + 1), F6: 84 * 121 };
  const sum = Object.values(fixed).reduce((a, b) => a + b, 0);
  const rest = total - sum;
  const pooled = rest === 44 || rest === 44 + 850;
  return { input: 0, ...fixed, S2: pooled ? 12 : 0, S4: pooled ? 32 : 0, output: rest >= 850 ? 850 : 0 };
}

/** The weights of each map or unit of a layer. */
const WEIGHTS = { C1: "5 × 5", S2: "1", C3: "6 × 5 × 5", S4: "1", C5: "16 × 5 × 5", F6: "120", output: "84" };

/** How a layer's parameters are counted: maps or units, times the weights of each, and one bias for each. */
export const formula = (layer, connections) =>
  layer === "C3" && links(connections) < 96 ? `${links(connections)} × 5 × 5 + 16` : `${SHAPES[layer][0]} × (${WEIGHTS[layer]} + 1)`;

/**
 * The window `{x, y, size}` of the layer before that made pixel (x, y) of `layer`. It may reach beyond
 * the edge where the convolution is padded.
 */
export function receptive(layer, x, y, inWidth, outWidth) {
  if (layer === "S2" || layer === "S4") return { x: 2 * x, y: 2 * y, size: 2 };
  const pad = (outWidth + 4 - inWidth) / 2;
  return { x: x - pad, y: y - pad, size: 5 };
}

/** Squared distances from F6 to each code: what the 1998 output layer computes (equation 7). */
export const distances = (units, codes) =>
  codes.map((code) => code.reduce((sum, wanted, i) => sum + (units[i] - wanted) ** 2, 0));

/** Which sentence says how four values become one, by the model's `pooling`. */
const POOLED = { max: "S2Max", average: "S2Mean", "trainable subsampling": "S2Sum" };

/** The sentence for a layer of a model: a true one for each of the variants. */
export function fact(layer, { input_size: size, pooling, kernels, second_look: again }) {
  const connections = kernels?.C3?.connections;
  const coded = Boolean(kernels?.F6targets);
  if (layer === "input") return t("inputFact", { size });
  if (layer === "S2") return t(POOLED[pooling]);
  if (layer === "C3") return t("C3Fact", { links: links(connections) });
  if (layer === "F6") return t(coded ? "F6Code" : "F6Fact");
  if (layer === "output") return [t(coded ? "outputCode" : "outputFact"), again ? t("outputAgain") : ""].join(" ").trim();
  return t(`${layer}Fact`);
}

/** What a layer is called: its name of 1998, or a word for the first and the last. */
export const layerName = (layer) => (layer === "input" || layer === "output" ? t(layer) : t("layer", { layer }));

export class Lesson {
  #now = null;
  #built = "";
  #paints = [];

  constructor(root) { this.root = root; }

  show(now) {
    this.#now = now;
    const { layer, map, model } = now;
    const built = [layer, map, model.name, model.moment, Boolean(model.kernels), Boolean(now.layers), document.documentElement.lang].join();
    if (built !== this.#built) {
      this.#built = built;
      this.#build();
    }
    for (const paint of this.#paints) paint();
  }

  #build() {
    const { layer, map, model, layers } = this.#now;
    this.#paints = [];
    const connections = model.kernels?.C3?.connections;
    const count = parameters(model.parameters, connections)[layer];
    const shape = SHAPES[layer] ?? [model.input_size, model.input_size];
    const row = (name, ...said) => el("div", {}, el("dt", {}, t(name)), ...said);
    const sum = count ? [el("dd", { class: "sum" }, `= ${formula(layer, connections)}`)] : [];
    const rows = [row("size", el("dd", {}, shape.join(" × "))), row("parameters", el("dd", {}, count ? number(count) : t("none0")), ...sum)];
    const title = map === null ? layerName(layer) : t("map", { layer, map });
    const text = el("div", { class: "words" }, el("h3", {}, title), el("p", {}, fact(layer, model)), el("dl", {}, ...rows));
    const parts = [text];
    if (!layers) parts[0].append(el("p", { class: "fine" }, t("insideEmpty")));
    if (layers && (map !== null || layer in GRIDS)) parts.push(this.#working(layer, map ?? 0, connections));
    else if (map !== null && model.kernels?.[layer]) parts.push(this.#sources(layer, map, connections));
    if (layer === "C3" && connections && links(connections) < 96) text.append(this.#table(connections, map));
    const codes = model.kernels?.F6targets;
    if (codes && (layer === "F6" || layer === "output")) parts.push(this.#targets(codes));
    this.root.replaceChildren(...parts);
  }

  /** Shows the map, large, and each map that feeds it with its kernel; a pixel pointed at shows its window. */
  #working(layer, map, connections) {
    const title = layer in GRIDS ? layerName(layer) : t("map", { layer, map });
    const canvas = el("canvas", { tabindex: 0, role: "application", "aria-label": t("pixels", { map: title }), "aria-describedby": "pixel-note" });
    const frame = el("div", { class: "large" }, canvas, el("i", { class: "pixel", "aria-hidden": "true", hidden: true }));
    const note = el("p", { class: "fine", id: "pixel-note", role: "status" }, t(layer in GRIDS ? "unit" : "window"));
    this.#paints.push(() => this.#paintMap(canvas, layer, map));
    const [, height, width] = extent(this.#now.layers[layer].shape);
    let at = null;
    this.#paints.push(() => at && canvas.matches(":hover, :focus") && this.#point(frame, note, layer, map, at));
    const go = (x, y) => {
      at = { x: clamp(x, 0, width - 1), y: clamp(y, 0, height - 1) };
      this.#point(frame, note, layer, map, at);
    };
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      go(Math.floor(((event.clientX - box.left) / box.width) * width), Math.floor(((event.clientY - box.top) / box.height) * height));
    };
    for (const name of ["pointermove", "pointerdown"]) canvas.addEventListener(name, point);
    canvas.addEventListener("keydown", (event) => {
      const way = ARROWS[event.key];
      if (!way) return;
      event.preventDefault();
      if (at) go(at.x + way[0], at.y + way[1]);
      else go(width >> 1, height >> 1);
    });
    const made = el("div", { class: "made" }, el("h4", {}, title), frame, note);
    return el("div", { class: "working" }, made, ...(layer in GRIDS ? [] : [this.#sources(layer, map, connections)]));
  }

  /** Shows each map that feeds this one, where there is an answer, and its kernel, where it has one. */
  #sources(layer, map, connections) {
    const { layers, model } = this.#now;
    const figures = feeders(layer, map, connections).map((source) => this.#source(layer, map, source));
    const kernels = model.kernels?.[layer] ? t(figures.length > 1 ? "kernels" : "kernel") : null;
    const title = [layers ? t("feeds") : null, kernels].filter(Boolean).join(" · ");
    return el("div", { class: "sources" }, el("h4", {}, title), el("div", { class: "row" }, ...figures));
  }

  #source(layer, map, source) {
    const before = ORDER[ORDER.indexOf(layer) - 1];
    const column = el("figure", {}, el("figcaption", {}, before === "input" ? t("input") : `${before} ${source}`));
    if (this.#now.layers) {
      const canvas = pixels();
      this.#paints.push(() => this.#paintMap(canvas, before, source));
      column.prepend(el("div", { class: "large small" }, canvas, el("i", { class: "window", "aria-hidden": "true", hidden: true })));
    }
    column.append(this.#kernel(layer, map, source) ?? "");
    return column;
  }

  #kernel(layer, map, source) {
    const kernel = this.#now.model.kernels?.[layer];
    if (!kernel) return null;
    const values = mapOf(kernel, map * kernel.shape[1] + source); // zeros where there is no link
    const canvas = pixels(5, 5);
    canvas.className = "kernel";
    canvas.title = values.map((each) => number(each, 2)).join("  ");
    this.#paints.push(() => paintPixels(canvas, values, 5, this.#now.ramps.signed, largest(values)));
    return canvas;
  }

  #paintMap(canvas, layer, map) {
    const { layers, ramps } = this.#now;
    const one = layers?.[layer];
    if (!one) return;
    const ramp = layer === "input" ? ramps.ink : ramps.signed;
    paintPixels(canvas, mapOf(one, map), extent(one.shape)[2], ramp, largest(one.values));
  }

  #point(frame, note, layer, map, { x, y }) {
    const { layers } = this.#now;
    const before = ORDER[ORDER.indexOf(layer) - 1];
    const [, , width] = extent(layers[layer].shape);
    const [, , inWidth] = extent(layers[before].shape);
    const put = (mark, at, size, across) => {
      mark.hidden = false;
      const share = (value) => (value / across) * 100;
      lay(mark, { left: share(at.x), top: share(at.y), width: share(size), height: share(size) });
    };
    put(frame.querySelector("i"), { x, y }, 1, width);
    const window = receptive(layer, x, y, inWidth, width);
    for (const mark of this.root.querySelectorAll(".window")) put(mark, window, window.size, inWidth);
    const value = mapOf(layers[layer], map)[y * width + x];
    note.textContent = `${layer in GRIDS ? y * width + x : `(${x}, ${y})`}: ${t("valueAt", { value: number(value, 2) })}`;
  }

  /** Shows F6 as a bitmap, and the ten bitmaps it is compared with. */
  #targets(codes) {
    const bitmap = (values, caption) => {
      const canvas = pixels(7, 12);
      canvas.className = "bitmap";
      const said = el("figcaption", {}, caption);
      this.#paints.push(() => paintPixels(canvas, values() ?? new Array(84).fill(0), 7, this.#now.ramps.signed, 1.2));
      return [el("figure", {}, canvas, said), said];
    };
    const units = () => this.#now.layers?.F6.values;
    const [painted] = bitmap(units, "F6");
    painted.classList.add("painted");
    const targets = codes.map((code, digit) => bitmap(() => code, String(digit)));
    this.#paints.push(() => {
      const far = units() ? distances(units(), codes) : null;
      const best = far ? far.indexOf(Math.min(...far)) : -1;
      targets.forEach(([figure, said], digit) => {
        said.textContent = far ? `${digit}: ${number(far[digit], 0)}` : String(digit);
        figure.classList.toggle("best", digit === best);
      });
    });
    const row = el("div", { class: "row" }, painted, ...targets.map(([figure]) => figure));
    return el("div", { class: "sources targets" }, el("h4", {}, t("targets")), row);
  }

  /** Table I of the paper: a row for each map of S2, a column for each of C3. */
  #table(connections, chosen) {
    const head = el("tr", {}, el("td"), ...connections.map((_, map) => el("th", { scope: "col", class: map === chosen ? "on" : null }, String(map))));
    const link = () => el("span", { class: "link" }, el("span", { class: "sr" }, t("linked")));
    const cell = (source) => (sources, map) => el("td", { class: map === chosen ? "on" : null }, ...(sources.includes(source) ? [link()] : []));
    const rows = Array.from({ length: 6 }, (_, source) => el("tr", {}, el("th", { scope: "row" }, String(source)), ...connections.map(cell(source))));
    return el("div", { class: "wiring" }, el("table", {}, el("caption", {}, t("table")), el("thead", {}, head), el("tbody", {}, ...rows)));
  }
}
