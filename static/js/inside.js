/** Inside the network: every layer's maps, live, from the input on the left to the ten outputs. */
import { el, pixels, rove, write } from "./dom.js";
import { SHAPES } from "./engine/network.js";
import { number, t } from "./i18n.js";
import { GRIDS, Lesson, MAPPED, ORDER, distances, extent, fed, feeders, layerName, mapOf } from "./lesson.js";
import { largest, paintPixels } from "./palette.js";

/** Milliseconds after an answer until layers that are out of the window show it. */
const REST = 150;

export class Inside {
  #flow;
  #lesson;
  #columns = new Map();
  #shapes = "";
  #answer = null;
  #model = null;
  #ramps;
  /** Whether the layers are in the window. */
  #seen = true;
  #timer = 0;
  #chosen = { layer: "C1", map: 0 };

  constructor(flow, lesson, ramps) {
    this.#flow = flow;
    this.#ramps = ramps;
    this.#lesson = new Lesson(lesson);
    new IntersectionObserver(([{ isIntersecting }]) => { this.#seen = isIntersecting; }).observe(flow);
    flow.addEventListener("click", (event) => this.#choose(event.target.closest("button")));
  }

  recolour(ramps) {
    this.#ramps = ramps;
    this.#paint();
  }

  /** Takes the service's description of a model, with its kernels once they are loaded, and builds the layers. */
  describe(model) {
    this.#model = model;
    this.#paint();
    this.#mark();
  }

  /** Shows the layers of `answer`; nothing when there is no answer, or it came without them. */
  show(answer) {
    if (!answer?.layers && !this.#answer?.layers) return;
    this.#answer = answer;
    clearTimeout(this.#timer);
    if (this.#seen) this.#paint();
    else this.#timer = setTimeout(() => this.#paint(), REST); // nobody sees them follow the pen
  }

  /** The chosen layer and map, as `C3.4`, or `C3` for a whole layer. */
  get chosen() { return [this.#chosen.layer, this.#chosen.map].filter((part) => part !== null).join("."); }

  set chosen(name) {
    const [layer, map = null] = name.split(".");
    const button = ORDER.includes(layer) ? this.#button({ layer, map: map && Number(map) }) : null;
    if (button) this.#choose(button);
  }

  /** The layers of the answer, the input among them; null when another model gave it. */
  get #layers() {
    const { layers, input, model } = this.#answer ?? {};
    if (!layers || model !== this.#model?.name) return null;
    const grids = Object.entries(GRIDS).map(([name, shape]) => [name, { ...layers[name], shape }]);
    return { input: { shape: [1, input.size, input.size], values: input.pixels }, ...layers, ...Object.fromEntries(grids) };
  }

  get #connections() { return this.#model?.kernels?.C3?.connections ?? null; }

  #sizeOf(name) {
    const size = this.#model?.input_size ?? 28;
    return name === "input" ? [1, size, size] : (GRIDS[name] ?? [...SHAPES[name], 1, 1].slice(0, 3));
  }

  #build() {
    this.#columns.clear();
    const held = document.activeElement?.closest?.("#flow button")?.dataset;
    this.#flow.replaceChildren(
      ...ORDER.map((name) => {
        const [maps, height, width] = this.#sizeOf(name);
        const about = el("button", { type: "button", class: "about", "data-layer": name }, el("b", {}, MAPPED.includes(name) || name in GRIDS ? name : t(name)));
        about.append(" ", el("small", {}, (SHAPES[name] ?? [maps, height, width]).join(" × ")));
        const body = el("div", { class: "maps", role: "group", "aria-label": layerName(name) });
        const column = el("div", { class: "layer", "data-name": name }, about, body);
        const canvases = [];
        if (MAPPED.includes(name)) {
          for (let map = 0; map < maps; map += 1) {
            const canvas = pixels(width, height);
            canvases.push(canvas);
            const label = t("map", { layer: name, map });
            body.append(el("button", { type: "button", class: "map", "data-layer": name, "data-map": map, "aria-label": label }, canvas));
          }
          rove(body);
        } else if (name === "output") {
          body.append(this.#outputs(canvases));
        } else {
          const canvas = pixels(width, height);
          canvases.push(canvas);
          body.append(canvas);
        }
        this.#columns.set(name, { column, canvases });
        return column;
      }),
    );
    if (held) this.#button(held)?.focus();
    this.#mark();
  }

  #outputs(canvases) {
    const codes = this.#model?.kernels?.F6targets;
    const item = (_, digit) => {
      const code = codes ? [pixels(7, 12)] : [];
      canvases.push(...code);
      return el("li", {}, el("b", {}, String(digit)), ...code, el("span", { class: "value" }));
    };
    return el("ol", { class: codes ? "outputs coded" : "outputs" }, ...Array.from({ length: 10 }, item));
  }

  #paint() {
    const signature = `${this.#model?.name} ${Boolean(this.#model?.kernels?.F6targets)} ${document.documentElement.lang}`;
    if (signature !== this.#shapes) {
      this.#shapes = signature;
      this.#build();
    }
    const layers = this.#layers;
    for (const name of ORDER) this.#paintLayer(name, layers?.[name]);
    this.#explain();
  }

  #paintLayer(name, layer) {
    const { column, canvases } = this.#columns.get(name);
    if (name === "output") return this.#paintOutputs(column, canvases, layer);
    const [, height, width] = this.#sizeOf(name);
    const ramp = name === "input" ? this.#ramps.ink : this.#ramps.signed;
    const { shape, values } = layer ?? { shape: [canvases.length, height, width], values: new Array(canvases.length * height * width).fill(0) };
    const most = largest(values) || 1;
    return canvases.forEach((canvas, map) => paintPixels(canvas, mapOf({ shape, values }, map), width, ramp, most));
  }

  #paintOutputs(column, canvases, layer) {
    const codes = this.#model?.kernels?.F6targets;
    const units = this.#layers?.F6?.values;
    const values = codes && units ? distances(units, codes) : layer?.values;
    const best = values ? values.indexOf(codes ? Math.min(...values) : Math.max(...values)) : -1;
    [...column.querySelectorAll("li")].forEach((item, digit) => {
      write(item.querySelector(".value"), values ? number(values[digit], 1) : "");
      item.classList.toggle("best", digit === best);
      if (codes) paintPixels(canvases[digit], codes[digit], 7, this.#ramps.signed, 1.6);
    });
  }

  #button({ layer, map }) {
    const name = map === undefined || map === null ? `.about[data-layer="${layer}"]` : `.map[data-layer="${layer}"][data-map="${map}"]`;
    return this.#flow.querySelector(name);
  }

  #read(button) {
    const { layer, map } = button.dataset;
    return { layer, map: map === undefined ? null : Number(map) };
  }

  #choose(button) {
    if (!button) return;
    this.#chosen = this.#read(button);
    const before = button.getBoundingClientRect().top;
    this.#mark();
    this.#explain();
    scrollBy({ top: button.getBoundingClientRect().top - before, behavior: "instant" }); // the lesson may have left from above it
  }

  #mark() {
    const { layer, map } = this.#chosen;
    this.#columns.get(layer).column.after(this.#lesson.root);
    const [before, after] = [-1, 1].map((step) => ORDER[ORDER.indexOf(layer) + step]);
    const sources = map === null ? [] : feeders(layer, map, this.#connections);
    const sinks = map === null ? [] : fed(layer, map, this.#connections);
    for (const button of this.#flow.querySelectorAll("button")) {
      const each = this.#read(button);
      button.setAttribute("aria-pressed", String(each.layer === layer && each.map === map));
      button.classList.toggle("feeds", each.map !== null && each.layer === before && sources.includes(each.map));
      button.classList.toggle("fed", each.map !== null && each.layer === after && sinks.includes(each.map));
    }
    this.#flow.querySelector('[data-name="input"] canvas')?.classList.toggle("feeds", layer === "C1" && map !== null);
  }

  #explain() {
    if (!this.#model) return;
    const { layer, map } = this.#chosen;
    this.#lesson.show({ layer, map, model: this.#model, layers: this.#layers, ramps: this.#ramps });
  }
}
