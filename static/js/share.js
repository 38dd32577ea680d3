/** Ways to share what the page shows: a link (its fragment goes to no server), a picture, a curl command, the answer's JSON. */
import { address, keyed } from "./api.js";
import { el, save } from "./dom.js";
import { percent, t } from "./i18n.js";
import { paintStroke } from "./pad.js";
import { PAD_HEIGHT, clamp, stroke, thin } from "./strokes.js";

/** A number is three characters in base 36, from `LEAST` on; points nearer than `GAP` units are left out. */
const [DIGITS, LEAST, GAP] = [36, -100, 6];

const written = (value) => Math.round(clamp(value - LEAST, 0, DIGITS ** 3 - 1)).toString(DIGITS).padStart(3, "0");

/** The strokes as one word: each begins with its width, then x and y of its points, three characters a number. */
export const pack = (strokes) =>
  strokes.map(({ points, width }) => [width + LEAST, ...thin(points, GAP).flatMap(([x, y]) => [x, y])].map(written).join("")).join("-");

/** The strokes that `pack` made `word` of; an empty list if `pack` did not make it. */
export function unpack(word) {
  if (!/^([0-9a-z]{3}([0-9a-z]{6})+-?)+$/.test(word)) return [];
  return word.split("-").filter(Boolean).map((each) => {
    const [width, ...values] = each.match(/.{3}/g).map((digits) => parseInt(digits, DIGITS));
    const points = Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i] + LEAST, values[2 * i + 1] + LEAST, 0.5]);
    return stroke(points, clamp(width, 15, 110));
  });
}

/** The address of this page with a drawing, a model and a view, `{strokes, mode, model, map}`. */
export function linkTo({ strokes, mode, model, map }) {
  const fragment = new URLSearchParams({ mode, ...(model ? { model } : {}), ...(map ? { map } : {}), drawing: pack(strokes) });
  return new URL(`#${fragment}`, location.href.replace(/#.*/, "")).href;
}

/** What the address of this page, or another `fragment`, asks to be shown; null for nothing. */
export function linked(fragment = location.hash.slice(1)) {
  const asked = new URLSearchParams(fragment);
  const strokes = unpack(asked.get("drawing") ?? "");
  return strokes.length ? { strokes, mode: asked.get("mode") === "number" ? "number" : "digit", model: asked.get("model"), map: asked.get("map") } : null;
}

/** Shares, or saves where nothing can be shared, a picture of the drawing with its answer and its bars. */
export async function sharePicture({ strokes, unitWidth, text, confidence, probabilities, style }) {
  const canvas = el("canvas", { width: 1200, height: 630 });
  const context = canvas.getContext("2d");
  const colour = (name) => style.getPropertyValue(name);
  Object.assign(context, { fillStyle: style.backgroundColor, font: `500 180px ${colour("--serif")}` });
  context.fillRect(0, 0, 1200, 630);
  const scale = Math.min(530 / PAD_HEIGHT, 700 / unitWidth);
  const left = 100 + unitWidth * scale;
  context.setTransform(scale, 0, 0, scale, 50, 50);
  context.strokeStyle = context.fillStyle = style.color;
  for (const each of strokes) paintStroke(context, each);
  context.setTransform(1, 0, 0, 1, left, 0);
  context.fillText(text, 0, 230, 1150 - left);
  context.font = `40px ${colour("--sans")}`;
  context.fillText(confidence === null ? "" : percent(confidence), 0, 300);
  const step = (1150 - left) / 10;
  (probabilities ?? []).forEach((value, digit) => {
    context.fillText(String(digit), digit * step + 4, 580);
    context.fillRect(digit * step, 530 - 190 * value, step - 8, 190 * value + 2);
  });
  const blob = await new Promise((done) => { canvas.toBlob(done); });
  const file = new File([blob], "digits.png", { type: "image/png" });
  if (navigator.canShare?.({ files: [file] })) return navigator.share({ files: [file] }).catch(() => {});
  return save(file, file.name);
}

/** A word quoted for a POSIX shell. */
export const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;

/** The curl command that asks what the page asked; a key it takes from the shell. */
export function curl(ink, { reading = false, model, pattern } = {}) {
  const url = quote(address(`${reading ? "read" : "predict"}${ink.strokes ? "/strokes" : ""}`, { model, pattern }));
  const start = keyed() ? 'curl -H "X-API-Key: $DIGITS_KEY"' : "curl";
  if (ink.file) return `${start} -F ${quote(`image=@${ink.file.name || "picture.png"}`)} ${url}`;
  return `${start} -H 'Content-Type: application/json' \\\n  -d ${quote(JSON.stringify({ strokes: ink.strokes }))} \\\n  ${url}`;
}

/** The answer without the pictures that only the page asks for, its lists of numbers on one line each. */
export function json(answer) {
  const { input: _input, layers: _layers, saliency: _saliency, own: _own, served: _served, ...plain } = answer;
  return JSON.stringify(plain, null, 2).replace(/\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, " ")}]`);
}

/** Makes `button` copy what `text()` gives, and say so; where that is refused, the text is selected in `source`. */
export function copies(button, source, text = () => source.textContent) {
  const words = button.querySelector("span");
  button.addEventListener("click", async () => {
    let key = "copied";
    try {
      await navigator.clipboard.writeText(text());
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
