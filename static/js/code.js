/** The listings for programmers: the question as a curl command, and the answer. */
import { address } from "./api.js";
import { t } from "./i18n.js";

/** A word quoted for a POSIX shell. */
export const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** The curl command that asks what the page asked. */
export function curl(ink, { reading = false, model } = {}) {
  const url = quote(address(`${reading ? "read" : "predict"}${ink.strokes ? "/strokes" : ""}`, { model }));
  if (ink.file) return `curl -F ${quote(`image=@${ink.file.name || "picture.png"}`)} ${url}`;
  return `curl -H 'Content-Type: application/json' \\\n  -d ${quote(JSON.stringify({ strokes: ink.strokes }))} \\\n  ${url}`;
}

/** The answer without the pictures that only the page asks for, its lists of numbers on one line each. */
export function json(answer) {
  const { input: _input, layers: _layers, saliency: _saliency, ...plain } = answer;
  return JSON.stringify(plain, null, 2).replace(/\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, " ")}]`);
}

/** Makes `button` copy the text of `source`, and say so. */
export function copies(button, source) {
  const words = button.querySelector("span");
  button.addEventListener("click", async () => {
    let key = "copied";
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      getSelection().selectAllChildren(source);
      key = "notCopied";
    }
    words.textContent = t(key);
    setTimeout(() => {
      words.textContent = t(words.dataset.i18n);
    }, 2000);
  });
}
