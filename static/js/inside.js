/** Inside the network: every layer's maps, live, from the input on the left to the ten outputs. */
import { el, pixels, rove } from "./dom.js";
import { t } from "./i18n.js";
import { MAPPED, ORDER, distances, extent, fed, feeders, mapOf } from "./layers.js";
import { Lesson, layerName } from "./lesson.js";
import { largest, paintPixels } from "./palette.js";
import { Wires } from "./wires.js";

/** Values in a row of the layers that have no maps. */
const ROWS = { C5: 12, F6: 7 };

/** The width from which the layers stand in one row, as in the style sheet. */
const SIDE_BY_SIDE = matchMedia("(min-width: 70rem)");

export class Inside {
  #flow;
  #lesson;
  #wires;
  #columns = new Map();
  #shapes = "";
  #answer = null;
  #model = null;
  #ramps;
  #chosen = { layer: "C1", map: 0 };
  #showing = null;

  constructor(flow, lesson, ramps) {
    this.#flow = flow;
    this.#ramps = ramps;
    this.#lesson = new Lesson(lesson);
    this.#wires = new Wires(flow);
    new ResizeObserver(() => this.#mark()).observe(flow);
    flow.addEventListener("pointerover", (event) => this.#preview(event.target.closest("button")));
    flow.addEventListener("pointerleave", () => this.#preview(null));
    flow.addEventListener("click", (event) => this.#choose(event.target.closest("button")));
  }

  recolour(ramps) {
    this.#ramps = ramps;
    this.#paint();
  }

  /** Takes the service's description of a model, with its kernels once they are loaded, and builds the layers. */
  describe(model) {
    this.#model = model;
    this.#shapes = "";
    this.#paint();
  }

  /** Shows the layers of `answer`; nothing when there is no answer, or it came without them. */
  show(answer) {
    if (!answer?.layers && !this.#answer?.layers) return;
    this.#answer = answer;
    this.#paint();
  }

  /** The layers of the answer, the input among them; null when another model gave it. */
  get #layers() {
    const { layers, input, model } = this.#answer ?? {};
    if (!layers || model !== this.#model?.name) return null;
    return { input: { shape: [1, input.size, input.size], values: input.pixels }, ...layers };
  }

  get #connections() {
    return this.#model?.kernels?.C3?.connections ?? null;
  }

  #sizeOf(name) {
    const size = this.#model?.input_size ?? 28;
    const known = {
      input: [1, size, size],
      C1: [6, 28, 28],
      S2: [6, 14, 14],
      C3: [16, 10, 10],
      S4: [16, 5, 5],
      C5: [120, 1, 1],
      F6: [84, 1, 1],
      output: [10, 1, 1],
    };
    return known[name];
  }

  #build() {
    this.#columns.clear();
    const held = document.activeElement?.closest?.("#flow button")?.dataset;
    this.#flow.replaceChildren(
      ...ORDER.map((name) => {
        const [maps, height, width] = this.#sizeOf(name);
        const about = el("button", { type: "button", class: "about", "data-layer": name }, el("b", {}, MAPPED.includes(name) || name in ROWS ? name : t(name)));
        about.append(" ", el("small", {}, height > 1 ? `${maps} × ${height} × ${width}` : String(maps)));
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
          const canvas = name === "input" ? pixels(width, height) : pixels(ROWS[name], maps / ROWS[name]);
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
    return el(
      "ol",
      { class: codes ? "outputs coded" : "outputs" },
      ...Array.from({ length: 10 }, (_, digit) => {
        const item = el("li", {}, el("b", {}, String(digit)));
        if (codes) {
          const canvas = pixels(7, 12);
          canvases.push(canvas);
          item.append(canvas);
        }
        item.append(el("span", { class: "value" }));
        return item;
      }),
    );
  }

  #paint() {
    const signature = `${this.#model?.name} ${Boolean(this.#model?.kernels)}`;
    if (signature !== this.#shapes) {
      this.#shapes = signature;
      this.#build();
    }
    this.#flow.classList.toggle("idle", !this.#layers);
    for (const name of ORDER) this.#paintLayer(name, this.#layers?.[name]);
    this.#explain();
  }

  #paintLayer(name, layer) {
    const { column, canvases } = this.#columns.get(name);
    if (name === "output") return this.#paintOutputs(column, canvases, layer);
    const [maps, , width] = this.#sizeOf(name);
    const ramp = name === "input" ? this.#ramps.ink : this.#ramps.signed;
    const limit = layer ? largest(layer.values) : 1;
    canvases.forEach((canvas, map) => {
      const whole = name === "input" ? width : ROWS[name];
      if (!layer) {
        const count = MAPPED.includes(name) || name === "input" ? width * width : maps;
        paintPixels(canvas, new Array(count).fill(0), MAPPED.includes(name) ? width : whole, ramp, 1);
      } else if (MAPPED.includes(name)) {
        paintPixels(canvas, mapOf(layer, map), extent(layer.shape)[2], ramp, limit);
      } else paintPixels(canvas, layer.values, name === "input" ? extent(layer.shape)[2] : whole, ramp, limit);
    });
    return undefined;
  }

  #paintOutputs(column, canvases, layer) {
    const codes = this.#model?.kernels?.F6targets;
    const units = this.#layers?.F6?.values;
    const values = codes && units ? distances(units, codes) : layer?.values;
    const best = values ? values.indexOf(codes ? Math.min(...values) : Math.max(...values)) : -1;
    [...column.querySelectorAll("li")].forEach((item, digit) => {
      item.querySelector(".value").textContent = values ? values[digit].toFixed(1) : "";
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

  #preview(button) {
    const next = button ? this.#read(button) : null;
    if (next?.layer === this.#showing?.layer && next?.map === this.#showing?.map) return;
    this.#showing = next;
    this.#mark();
    this.#explain();
  }

  #choose(button) {
    if (!button) return;
    this.#chosen = this.#read(button);
    this.#showing = null;
    this.#mark();
    this.#explain();
  }

  #mark() {
    const { layer, map } = this.#showing ?? this.#chosen;
    const before = ORDER[ORDER.indexOf(layer) - 1];
    const after = ORDER[ORDER.indexOf(layer) + 1];
    const sources = map === null ? [] : feeders(layer, map, this.#connections);
    const sinks = map === null ? [] : fed(layer, map, this.#connections);
    for (const button of this.#flow.querySelectorAll("button")) {
      const each = this.#read(button);
      button.setAttribute("aria-pressed", String(each.layer === this.#chosen.layer && each.map === this.#chosen.map));
      button.classList.toggle("shown", each.layer === layer && each.map === map);
      button.classList.toggle("feeds", each.map !== null && each.layer === before && sources.includes(each.map));
      button.classList.toggle("fed", each.map !== null && each.layer === after && sinks.includes(each.map));
    }
    const input = this.#flow.querySelector('[data-name="input"] canvas');
    input?.classList.toggle("feeds", layer === "C1" && map !== null);
    const chosen = this.#button({ layer, map });
    const all = (name) => [...this.#flow.querySelectorAll(`.map.${name}`)];
    if (chosen && map !== null && SIDE_BY_SIDE.matches) this.#wires.draw(chosen, layer === "C1" ? [input] : all("feeds"), all("fed"));
    else this.#wires.draw(null, [], []);
  }

  #explain() {
    if (!this.#model) return;
    const { layer, map } = this.#showing ?? this.#chosen;
    this.#lesson.show({ layer, map, model: this.#model, layers: this.#layers, ramps: this.#ramps });
  }
}
