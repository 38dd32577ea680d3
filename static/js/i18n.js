/**
 * The page's words in its languages. English is in the page itself, with a catalogue for the words that it
 * shows later; the other languages are loaded when they are chosen.
 */
import { recall, remember } from "./storage.js";

const catalogue = async (name) => (await fetch(new URL(`../words/${name}.json`, import.meta.url))).json();

const english = await catalogue("en");

const LANGUAGES = ["en", "it", "ko", "zh-Hans", "zh-Hant"];

/** The English words by their keys: those in the page as it was loaded, and those of the catalogue. */
function written() {
  const found = { ...english, title: document.title };
  for (const element of document.querySelectorAll("[data-i18n]")) found[element.dataset.i18n] = element.textContent;
  for (const element of document.querySelectorAll("[data-i18n-label]")) found[element.dataset.i18nLabel] = element.ariaLabel;
  return found;
}

const native = written();
let words = native;
let language = "en";
const listeners = [];

/** The first of the reader's languages (BCP 47 tags, preferred first; anything else, as C, is English) that the page speaks. */
export function choose(preferred) {
  for (const tag of preferred) {
    const { language: spoken, script } = new Intl.Locale(/^[a-z]{2,3}(-[a-z0-9]+)*$/i.test(tag) ? tag : "en").maximize();
    const found = LANGUAGES.find((each) => each === spoken || each === `${spoken}-${script}`);
    if (found) return found;
  }
  return "en";
}

/** The words for `key`, with `{name}` replaced by values; an unknown key is a fault of the page. */
export function t(key, values = {}) {
  const text = words[key] ?? native[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The number formats made so far, as making one takes longer than using it. */
const formats = {};

const formatted = (value, digits, style) =>
  (formats[[language, digits, style]] ??= new Intl.NumberFormat(language, { style, minimumFractionDigits: digits, maximumFractionDigits: digits })).format(value);

export const number = (value, digits = 0) => formatted(value, digits, "decimal");

/** A share as a percentage with `digits` digits after the point. */
export const percentage = (value, digits) => formatted(value, digits, "percent");

/** A probability as a percentage; never rounded up to a certainty that the network did not claim. */
export const percent = (value) =>
  percentage(value < 1 ? Math.min(value, 0.9999) : 1, value > 0.9995 && value < 1 ? 2 : 1);

/** Calls `listener` after every change of language. */
export const onLanguage = (listener) => listeners.push(listener);

function apply() {
  document.documentElement.lang = language;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-i18n]")) element.textContent = t(element.dataset.i18n);
  for (const element of document.querySelectorAll("[data-i18n-label]")) element.ariaLabel = t(element.dataset.i18nLabel);
  for (const listener of listeners) listener();
}

export async function speak(chosen) {
  const next = LANGUAGES.includes(chosen) ? chosen : "en";
  words = next === "en" ? native : await catalogue(next);
  language = next;
  apply();
}

/** Starts in the language chosen before, or the browser's, and follows the switch. */
export async function listen(select) {
  const chosen = recall("language") ?? choose(navigator.languages ?? [navigator.language]);
  const change = async (wanted) => {
    // If a catalogue cannot be loaded, the page stays in its present language.
    await speak(wanted).catch(() => (language === "en" ? apply() : undefined));
    select.value = language;
  };
  select.addEventListener("change", async () => {
    remember("language", select.value);
    await change(select.value);
  });
  await change(chosen);
}
