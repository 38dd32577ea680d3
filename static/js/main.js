/** Makes the parts of the page, and connects them. */
import { Announcer } from "./announce.js";
import * as api from "./api.js";
import { Corrections } from "./corrections.js";
import { copies } from "./code.js";
import { Compare, fillPicker } from "./compare.js";
import { Desk } from "./desk.js";
import { listen, number, onLanguage, speak, t } from "./i18n.js";
import { Inside } from "./inside.js";
import { ramps } from "./palette.js";
import { watchPictures } from "./picture.js";
import { backoff } from "./latest.js";
import { watchScheme } from "./scheme.js";
import { recall, remember } from "./storage.js";

const find = (id) => document.getElementById(id);

/** An invisible element, from which the colours of the scheme are read. */
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

const announcer = new Announcer(find("live"));
const inside = new Inside(find("flow"), find("lesson"), ramps(probe));
const compare = new Compare(find("cards"));
const corrections = new Corrections(find("correct"));
const desk = new Desk({ announcer, inside, compare, corrections });

const kernels = new Map();
let catalogue = null;

/** Describes the chosen model, with its kernels once they are loaded. */
async function describe() {
  const model = catalogue.models.find(({ name }) => name === desk.model);
  const update = () => {
    if (model.name !== desk.model) return;
    inside.describe({ ...model, kernels: kernels.get(model.name) ?? null });
    find("inside-model").textContent = t("insideModel", { model: model.name, parameters: number(model.parameters) });
  };
  update();
  if (kernels.has(model.name)) return;
  try {
    kernels.set(model.name, await api.kernels(model.name));
    update();
  } catch (error) {
    if (!error.temporary) console.warn(error);
  }
}

/** Asks which models there are, until the server answers. */
async function loadModels(tries = 0) {
  try {
    catalogue = await api.models();
  } catch (error) {
    const seconds = Math.max(0.5, error.retryAfter ?? backoff(tries));
    desk.notice.failed("models", error, seconds);
    setTimeout(() => loadModels(tries + 1), seconds * 1000);
    return;
  }
  desk.notice.succeeded("models");
  const known = catalogue.models.map(({ name }) => name);
  const chosen = [recall("model"), catalogue.default].find((name) => known.includes(name)) ?? known[0];
  desk.model = chosen;
  fillPicker(find("model"), catalogue.models, chosen);
  compare.fill(catalogue.models);
  if (catalogue.key_required) desk.unlock();
  corrections.allow(Boolean(catalogue.corrections));
  describe();
  // What was drawn before the models were known was answered by the server's own choice.
  if (chosen !== catalogue.default) desk.ask(true);
}

find("model").addEventListener("change", (event) => {
  desk.model = event.target.value;
  remember("model", desk.model);
  describe();
  desk.ask(true);
});

watchScheme(find("theme"), () => {
  inside.recolour(ramps(probe));
  desk.recolour(ramps(probe));
});

watchPictures({
  sheet: find("sheet"),
  choose: find("choose"),
  photograph: find("photograph"),
  file: find("file"),
  snap: find("snap"),
  take: (file) => desk.take(file),
});

copies(find("copy-curl"), find("curl"));
copies(find("copy-json"), find("json"));

onLanguage(() => {
  corrections.render();
  compare.render();
  desk.render();
  if (catalogue) describe();
});

// A browser that returns to a page, or reloads it, restores its controls without an event of their own.
addEventListener("pageshow", () => desk.restored());
addEventListener("online", () => desk.retry());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) desk.retry();
});

try {
  await listen(find("language"));
} catch {
  await speak("en");
}
loadModels();
