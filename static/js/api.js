/** The service's calls. Every failure is one of two errors: `Refused` or `Unreachable`. */

/** Milliseconds an answer may take before the server counts as unreachable; a picture's upload takes long. */
const [TIMEOUT, PICTURE_TIMEOUT] = [15000, 60000];

/** An answer with an error status: the status, the problem details (RFC 9457), and when to ask again. */
export class Refused extends Error {
  constructor(status, problem, retryAfter) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  /** Whether the same question may succeed later. */
  get temporary() { return [429, 502, 503, 504].includes(this.status); }
}

/** The server could not be reached, or did not answer in time. */
export class Unreachable extends Error {
  temporary = true;
  retryAfter = null;
}

/** Seconds to wait from a Retry-After header, a number of seconds or a date; null when it has none. */
export function retryAfter(header, now = Date.now()) {
  if (!header?.trim()) return null;
  const seconds = Number.isFinite(Number(header)) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
}

/** The address of a call, with those values of the query that are set. */
export function address(path, query = {}, base = document.baseURI) {
  const url = new URL(path, base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, value);
  }
  return url.href.replaceAll("%2C", ",");
}

let key = null;

/** The API key for servers that ask for one; null for none. */
export const useKey = (value) => { key = value || null; };
export const keyed = () => key !== null;

async function call(path, { query, body, signal, method } = {}) {
  const headers = { Accept: "application/json" };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  if (key) headers.Authorization = `Bearer ${key}`;
  const limit = AbortSignal.timeout(body instanceof FormData ? PICTURE_TIMEOUT : TIMEOUT);
  let response;
  let text;
  try {
    response = await fetch(address(path, query), {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers,
      body,
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(String(error));
  }
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    // An error page of a proxy is no JSON, and its status is enough.
    if (response.ok) throw new Unreachable("the answer is not the service's");
  }
  if (!response.ok) throw new Refused(response.status, value ?? {}, retryAfter(response.headers.get("Retry-After")));
  return value;
}

function form(parts) {
  const data = new FormData();
  for (const [name, part] of Object.entries(parts)) data.append(name, part);
  return data;
}

/** An ink is `{strokes}` or `{file}`; `reading` asks for a number instead of a digit. */
export const ask = (ink, { reading = false, signal, model, include, pattern } = {}) =>
  call(`${reading ? "read" : "predict"}${ink.strokes ? "/strokes" : ""}`, {
    query: { model, include, pattern },
    body: ink.strokes ? JSON.stringify({ strokes: ink.strokes }) : form({ image: ink.file }),
    signal,
  });

/** Reads the fields that a template describes in a scan of a page. */
export const fields = (image, template, { model, signal } = {}) =>
  call("forms", { query: { model }, body: form({ image, template: JSON.stringify(template) }), signal });

export const models = (signal) => call("models", { signal });

export const kernels = (name, signal) => call(`models/${encodeURIComponent(name)}/kernels`, { signal });

/** Sends an ink with its right label. */
export const correct = (ink, label) =>
  call("corrections", { body: ink.strokes ? JSON.stringify({ strokes: ink.strokes, label }) : form({ image: ink.file, label }) });
