/**
 * Keeps a copy of the page for when there is no network. The server's answer comes first, so that a new version
 * shows at once; if it does not come in time, the kept page is shown, with the files of its own release.
 */
const CACHE = "digits-1"; // the server puts a digest of all files in place of the 1
const PATIENCE = 3000;

/** The files that neither the page nor its modules name. */
const LATER = ["weights.safetensors", "recorded.bin", "example.json", "words/it.json", "words/ko.json", "words/zh-Hans.json", "words/zh-Hant.json"].map((file) => `static/${file}`);

/** The ids of the clients whose page came from the cache. */
const kept = new Set();

const fresh = (url) => new Request(url, { cache: "no-cache" });

/** The addresses of a module and of all modules that it imports, directly or not. */
async function crawl(url, found = new Set()) {
  if (found.has(url)) return found;
  found.add(url);
  const text = await (await fetch(fresh(url))).text();
  for (const [, other] of text.matchAll(/"(\.{1,2}\/[^"]+\.js)"/g)) await crawl(new URL(other, url).href, found);
  return found;
}

async function keep() {
  const whole = (file) => new URL(file, registration.scope).href;
  const page = await (await fetch(fresh("./"))).text();
  const named = [...page.matchAll(/(?:href|src)="(static\/[^"#]+)/g)].map(([, file]) => file);
  const modules = await crawl(whole("static/js/main.js"));
  const files = new Set([...modules, ...["./", ...named, ...LATER].map(whole)]);
  await (await caches.open(CACHE)).addAll([...files].map(fresh));
}

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(keep());
});

addEventListener("activate", (event) => {
  const drop = async () => {
    for (const name of await caches.keys()) if (name.startsWith("digits-") && name !== CACHE) await caches.delete(name);
    await clients.claim();
  };
  event.waitUntil(drop());
});

/** The network's answer, or the kept one: if the network fails or is too slow with a page, or for the files of a kept page. */
async function answered(event) {
  const { request, clientId, resultingClientId } = event;
  const cache = await caches.open(CACHE);
  const old = await cache.match(request, { ignoreSearch: true });
  if (old && kept.has(clientId)) return old;
  const asked = fetch(request).then((response) => {
    if (response.ok && !old) event.waitUntil(cache.put(request, response.clone()));
    return response;
  });
  const late = request.mode === "navigate" ? [new Promise((resolve) => { setTimeout(resolve, PATIENCE); })] : [];
  const first = await Promise.race([asked, ...late]).catch(() => undefined);
  if (!first && old) kept.add(resultingClientId || clientId);
  return first ?? old ?? asked;
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const path = request.url.slice(registration.scope.length).replace(/[?#].*/, "");
  const ours = request.url.startsWith(registration.scope) && (path === "" || path.startsWith("static/"));
  if (request.method === "GET" && ours) event.respondWith(answered(event));
});
