/** A page of fields: a person draws boxes over a scan and names them, they are read at once, and they make a template. */
import * as api from "./api.js";
import { place } from "./bars.js";
import { ARROWS, el, find, lay, save } from "./dom.js";
import { clamp } from "./strokes.js";
import { percent, t } from "./i18n.js";
import { Latest } from "./latest.js";
import { showPicture } from "./picture.js";

/** What a box may be; a mark is a solid dark one printed on the form, by which its pages are fitted. */
const KINDS = ["number", "digit", "comb", "mark"];

/** A box smaller than this share of the page was a click. */
const LEAST = 0.006;

/** How far an arrow key moves or stretches a box, as a share of the page. */
const STEP = 0.005;

/** The box between two corners, each a share of the page across and down. */
export const between = ([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d), Math.abs(c - a), Math.abs(d - b)];

const inside = ([a, b], [x, y, w, h]) => a >= x && b >= y && a <= x + w && b <= y + h;

/** The template of the fields, whose boxes are shares of a page of that size. */
export function templateOf(fields, [width, height]) {
  const boxOf = ({ share: [x, y, w, h] }) => [x * width, y * height, w * width, h * height].map((value) => Math.round(value * 10) / 10);
  const plain = ({ name, kind, cells, gap, pattern, ...rest }) => ({
    name, box: boxOf(rest), kind, ...(kind === "comb" ? { cells, gap } : {}), ...(pattern ? { pattern } : {}),
  });
  const [marks, others] = [true, false].map((wanted) => fields.filter(({ kind }) => (kind === "mark") === wanted));
  return { size: [width, height], ...(marks.length ? { marks: marks.map(boxOf) } : {}), fields: others.map(plain) };
}

export class FormDesk {
  #file = null;
  #fields = [];
  #chosen = null;
  #size = [1, 1];
  #rest = {};
  #release = () => {};

  /** `model()` gives the name of the model to read with. */
  constructor(notice, model) {
    this.notice = notice;
    this.model = model;
    this.latest = new Latest({
      send: (model, signal) => api.fields(this.#file, this.#template, { model, signal }),
      show: (form) => this.#show(form),
      fail: (error, _, seconds) => this.#fail(error, seconds),
    });
    const [page, image] = [find("form-page"), find("form-image")];
    image.addEventListener("load", () => {
      if (!this.#fields.length) this.#size = [image.naturalWidth, image.naturalHeight];
      this.#ask();
    });
    image.addEventListener("error", () => this.#say(t("formPicture")));
    find("form-save").addEventListener("click", () => this.#save());
    find("form-add").addEventListener("click", () => this.#add([0.4, 0.45, 0.2, 0.05]).focus());
    page.addEventListener("pointerdown", (event) => this.#draw(event));
    page.addEventListener("keydown", (event) => this.#key(event));
    this.render();
  }

  /** Takes a template, or a scan, for which it keeps the fields. */
  take(file) {
    if (/json$/.test(file.type || file.name)) return this.#open(file);
    this.#file = file;
    this.#release();
    this.#release = showPicture(find("form-image"), file);
    find("form-page").hidden = false;
    return this.#say(t("formDraw"));
  }

  /** Takes the fields of a template, and what else it has. */
  async #open(file) {
    try {
      const { size, marks, fields, ...rest } = JSON.parse(await file.text());
      const field = ({ box: [x, y, w, h], ...each }) => ({ cells: 4, gap: 0, pattern: "", ...each, share: [x / size[0], y / size[1], w / size[0], h / size[1]] });
      const dark = (marks ?? []).map((box, i) => field({ name: `${t("form-mark")} ${i + 1}`, kind: "mark", box }));
      [this.#fields, this.#size, this.#rest] = [[...dark, ...fields.map(field)], size, rest];
    } catch {
      return this.#say(t("formNone"));
    }
    this.render();
    return this.#ask();
  }

  get #template() { return { ...templateOf(this.#fields, this.#size), ...this.#rest }; }

  #say(words) { find("form-state").textContent = words; }

  #ask() {
    if (this.#file && this.#fields.some(({ kind }) => kind !== "mark")) this.latest.ask(this.model(), true);
  }

  #add(share) {
    this.#chosen = { name: t("formField", { number: this.#fields.length + 1 }), share, kind: "number", cells: 4, gap: 0, pattern: "" };
    this.#fields.push(this.#chosen);
    this.render();
    this.#ask();
    return find("form-fields").lastElementChild.querySelector("input");
  }

  /** Draws a new box from where the pointer came down, or chooses the one that is there. */
  #draw(event) {
    if (event.button !== 0) return;
    const frame = find("form-page").getBoundingClientRect();
    const at = ({ clientX, clientY }) => [clamp((clientX - frame.left) / frame.width, 0, 1), clamp((clientY - frame.top) / frame.height, 0, 1)];
    const from = at(event);
    event.preventDefault();
    const box = el("div", { class: "box" });
    find("form-page").append(box);
    find("form-page").setPointerCapture?.(event.pointerId);
    const move = (moved) => lay(box, place(between(from, at(moved)), [1, 1]));
    const end = (ended) => {
      find("form-page").removeEventListener("pointermove", move);
      box.remove();
      const share = between(from, at(ended));
      if (share[2] > LEAST && share[3] > LEAST) this.#add(share).select();
      else this.#choose(this.#fields.findLast((field) => inside(from, this.#shown(field))));
    };
    find("form-page").addEventListener("pointermove", move);
    find("form-page").addEventListener("pointerup", end, { once: true });
  }

  /** Where a field lies on the page on show: where it was found, if it was. */
  #shown({ answer, share }) {
    const { naturalWidth: width, naturalHeight: height } = find("form-image");
    return answer ? answer.box.map((value, i) => value / (i % 2 ? height : width)) : share;
  }

  #choose(field) {
    this.#chosen = field;
    this.#paint();
  }

  /** Arrow keys move the chosen box, with Shift they stretch it. */
  #key(event) {
    const way = ARROWS[event.key];
    if (!way || !this.#chosen) return;
    event.preventDefault();
    const { share } = this.#chosen;
    const first = event.shiftKey ? 2 : 0;
    this.#chosen.answer = null;
    this.#chosen.share = share.map((value, i) => clamp(value + STEP * (way[i - first] ?? 0), i > 1 ? LEAST : 0, 1));
    this.#paint();
    this.#ask();
  }

  /** Shows the boxes and the answers in them. */
  #paint() {
    for (const box of find("form-page").querySelectorAll(".box")) box.remove();
    this.#fields.forEach((field, i) => {
      const box = el("div", { class: "box" }, el("b", {}, field.answer?.text || field.name));
      box.classList.toggle("weak", Boolean(field.answer?.review));
      box.classList.toggle("chosen", field === this.#chosen);
      lay(box, place(this.#shown(field), [1, 1]));
      find("form-page").append(box);
      const said = find("form-fields").children[i].querySelector("output");
      const { text, empty, confidence, review, why } = field.answer ?? {};
      said.textContent = !field.answer ? "" : empty ? t("formEmpty") : `${text} (${percent(confidence)})`;
      if (review) said.append(" ", el("b", { class: "review" }, t("formReview")), ` ${why.join(", ")}`);
    });
    find("form-save").disabled = this.#fields.length === 0;
  }

  /** Builds the list of fields, in the current language. */
  render() {
    const input = (field, key, attributes, label) => {
      const box = el("input", { ...attributes, value: field[key], "aria-label": t(label) });
      box.addEventListener("change", () => {
        field[key] = attributes.type === "number" ? clamp(Number(box.value), attributes.min, attributes.max) : box.value.trim();
        this.#ask();
        this.#paint();
      });
      return box;
    };
    const row = (field) => {
      const kinds = el("select", { "aria-label": t("formKind") }, ...KINDS.map((kind) => el("option", { value: kind, selected: kind === field.kind }, t(`form-${kind}`))));
      kinds.addEventListener("change", () => {
        field.kind = kinds.value;
        this.render();
        this.#ask();
      });
      const remove = el("button", { type: "button", class: "tool" }, t("formRemove"));
      remove.addEventListener("click", () => {
        this.#fields = this.#fields.filter((each) => each !== field);
        this.render();
        this.#ask();
      });
      const cells = field.kind === "comb" ? [input(field, "cells", { type: "number", min: 1, max: 60 }, "formCells"), input(field, "gap", { type: "number", min: 0, max: 999, step: "any" }, "formGap")] : [];
      const item = el("li", {}, input(field, "name", {}, "formName"), kinds, ...cells, input(field, "pattern", { placeholder: "d{4}" }, "pattern"), remove, el("output"));
      item.addEventListener("focusin", () => field !== this.#chosen && this.#choose(field));
      return item;
    };
    find("form-fields").replaceChildren(...this.#fields.map(row));
    this.#paint();
  }

  #show({ fields, aligned }) {
    this.notice.succeeded("form");
    const answers = fields.values();
    for (const field of this.#fields) field.answer = field.kind === "mark" ? null : answers.next().value;
    const review = fields.filter((each) => each.review).length;
    this.#say(aligned.ok ? t("formRead", { count: fields.length, review }) : t("formUnfit", { why: aligned.reason }));
    this.#paint();
  }

  #fail(error, seconds) {
    if (seconds !== null) return this.notice.failed("form", error, seconds);
    this.notice.succeeded("form");
    return this.#say(t("failed", { why: error.message }));
  }

  #save() {
    save(new Blob([`${JSON.stringify(this.#template, null, 2)}\n`], { type: "application/json" }), "template.json");
  }
}
