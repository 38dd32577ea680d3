/** Makes the parts of the page, and connects them. */
import * as api from "./api.js";
import { Compare } from "./compare.js";
import { Desk } from "./desk.js";
import { el, find } from "./dom.js";
import { listen, onLanguage } from "./i18n.js";
import { Inside } from "./inside.js";
import { ramps } from "./palette.js";
import { watchPictures } from "./picture.js";
import { backoff } from "./latest.js";
import { Announcer } from "./notice.js";
import { kernelsOf } from "./local.js";
import { copies, linkTo, linked, sharePicture } from "./share.js";
import { recall, remember, watchScheme } from "./storage.js";
import { Watch } from "./watch.js";

/** An invisible element, from which the colours of the scheme are read. */
const probe = document.body.appendChild(el("span", { id: "probe", hidden: true }));

const announcer = new Announcer(find("live"));
const maps = new Inside(find("flow"), find("lesson"), ramps(probe));
const inside = new Watch(maps);
const compare = new Compare(find("compare"));
const desk = new Desk({ announcer, inside, compare });

const kernels = new Map();
let catalogue = null;

/** Describes the chosen model, with its kernels once they are loaded. */
async function describe() {
  const model = catalogue.models.find(({ name }) => name === desk.model);
  const { name } = model;
  if (desk.local.serves(name)) kernels.set(name, kernelsOf(desk.local.network));
  inside.describe({ ...model, kernels: kernels.get(name) ?? null });
  if (kernels.has(name)) return;
  kernels.set(name, await api.kernels(name).catch(() => null));
  if (name === desk.model) describe();
}

/** Asks which models there are, until the server answers; meanwhile there is the page's own. */
async function loadModels(tries = 0) {
  try {
    know(await api.models());
    desk.notice.succeeded("models");
  } catch (error) {
    const seconds = Math.max(0.5, error.retryAfter ?? backoff(tries));
    setTimeout(() => loadModels(tries + 1), seconds * 1000);
    desk.notice.failed("models", error, seconds, desk.alone);
    await desk.local.ready;
    if (catalogue || !desk.local.catalogue) return;
    know(desk.local.catalogue, true);
    desk.notice.failed("models", error, seconds, true);
  }
}

/** Takes the models that there are; `alone` when that is the page's own, as there is no server. */
function know(found, alone = false) {
  const before = catalogue;
  catalogue = found;
  desk.alone = alone;
  const known = catalogue.models.map(({ name }) => name);
  const chosen = [linked()?.model, recall("model"), catalogue.default].find((name) => known.includes(name)) ?? known[0];
  desk.model = chosen;
  find("model").replaceChildren(...known.map((name) => el("option", { value: name, selected: name === chosen }, name)));
  desk.local.know(catalogue.models);
  compare.render(catalogue.models);
  if (catalogue.key_required) desk.unlock();
  desk.corrections.allow(Boolean(catalogue.corrections));
  describe();
  if (!before) follow();
  // A drawing made before the models were known was answered by the page, or by the server's default model.
  if (chosen !== catalogue.default || before || desk.alone) desk.ask(true);
}

find("model").addEventListener("change", (event) => {
  desk.model = event.target.value;
  remember("model", desk.model);
  describe();
  desk.ask(true);
});

watchScheme(find("theme"), () => {
  maps.recolour(ramps(probe));
  desk.recolour(ramps(probe));
});

watchPictures((file) => desk.take(file));

copies(find("copy-curl"), find("curl"));
copies(find("copy-json"), find("json"));
copies(find("copy-link"), find("took"), () => linkTo({ ...desk.view, map: maps.chosen }));
find("save-picture").addEventListener("click", () => sharePicture({ ...desk.view, style: getComputedStyle(document.body) }));

/** Shows what the address asks for; or, on an empty desk, what was there before the page was loaded again. */
function follow() {
  const asked = linked() ?? (desk.pad.blank && !location.hash ? linked(recall("desk", "sessionStorage") ?? "") : null);
  if (!asked) return;
  desk.open(asked);
  maps.chosen = asked.map ?? "";
}
addEventListener("hashchange", follow);
addEventListener("pagehide", () => remember("desk", linkTo(desk.view).split("#")[1], "sessionStorage"));

onLanguage(() => {
  desk.corrections.render();
  desk.render();
  if (!catalogue) return;
  compare.render(catalogue.models);
  describe();
});

// A browser that returns to a page, or reloads it, restores its controls without telling them by an event.
addEventListener("pageshow", () => desk.restored());
desk.restored();
addEventListener("online", () => desk.retry());
document.addEventListener("visibilitychange", () => document.hidden || desk.retry());

await listen(find("language"));
loadModels();
desk.local.ready.then(() => catalogue && describe());
navigator.serviceWorker?.register("sw.js").catch(() => {}); // a private window may refuse it
