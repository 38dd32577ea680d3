/** The API's page, drawn from the OpenAPI document: every call, how to try it, what it answers, every problem. */
import { el } from "./js/dom.js";

const TAGS = { recognition: "Recognition", corrections: "Corrections", models: "Models", operation: "Operation" };

/** Text in which what stands between backticks is code. */
const prose = (text = "") => text.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part));

const anchor = (method, path) => `${method}${path}`.replace(/[^a-z0-9]+/gi, "-").replace(/-$/, "");

/** What a schema takes, in a few words; follows references. */
function typeOf(schema, document) {
  const one = resolve(schema, document);
  if (one.anyOf) return one.anyOf.map((each) => typeOf(each, document)).join(" or ");
  if (one.enum) return one.enum.map((value) => JSON.stringify(value)).join(", ");
  if ("const" in one) return JSON.stringify(one.const);
  if (one.type === "array") return `list of ${typeOf(one.items ?? {}, document)}`;
  if (one.format === "binary") return "file";
  const bounds = [one.minimum, one.maximum].every((each) => each !== undefined) ? ` ${one.minimum} to ${one.maximum}` : "";
  return `${one.title && one.type === "object" ? one.title : (one.type ?? "anything")}${bounds}`;
}

function resolve(schema, document) {
  if (!schema.$ref) return schema;
  return schema.$ref.slice(2).split("/").reduce((at, name) => at[name], document);
}

/** A table of the members of an object's schema. */
function members(schema, document) {
  const required = new Set(schema.required ?? []);
  return el(
    "dl",
    {},
    Object.entries(schema.properties ?? {}).map(([name, each]) =>
      el(
        "div",
        {},
        el("dt", {}, name),
        el(
          "dd",
          {},
          el("span", { class: "type" }, `${typeOf(each, document)}${required.has(name) ? "" : ", may be missing"}`),
          each.description ? " · " : "",
          ...prose(each.description),
        ),
      ),
    ),
  );
}

/** The line that tries a call, for the address at which this page was opened. */
function curl(method, path, operation, document) {
  const url = new URL(`.${path}`, window.location.href).href.replace("%7Bname%7D", "lenet5");
  const content = operation.requestBody?.content ?? {};
  if (content["application/json"] && !content["image/png"]) {
    const schema = resolve(content["application/json"].schema, document);
    const body = JSON.stringify(schema.example ?? {});
    return `curl ${url} \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`;
  }
  const form = content["multipart/form-data"];
  if (!form) return `curl ${url}`;
  const many = resolve(form.schema, document).properties.image?.type === "array";
  return many ? `curl -F image=@one.png -F image=@two.png ${url}` : `curl -F image=@digit.png ${url}`;
}

function tryIt(line) {
  const button = el("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select it";
    }
    window.setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
  return el("div", { class: "try" }, el("pre", {}, line), button);
}

function part(title, ...content) {
  return el("div", {}, el("h4", {}, title), ...content);
}

function call(path, method, operation, document) {
  const id = anchor(method, path);
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  const answer = success?.[1].content?.["application/json"]?.schema;
  const refusals = Object.entries(operation.responses).filter(([status, each]) => status >= "4" && each.content);
  const parts = [tryIt(curl(method, path, operation, document))];
  if (operation.parameters?.length) {
    parts.push(
      part(
        "Parameters",
        el(
          "dl",
          {},
          operation.parameters.map((each) =>
            el(
              "div",
              {},
              el("dt", {}, each.name),
              el("dd", {}, el("span", { class: "type" }, `${typeOf(each.schema, document)} · `), ...prose(each.description)),
            ),
          ),
        ),
      ),
    );
  }
  if (operation.requestBody) {
    const kinds = Object.keys(operation.requestBody.content);
    parts.push(part("Body", el("p", {}, kinds.flatMap((kind, i) => [i ? ", " : "", el("code", {}, kind)]))));
  }
  if (answer) {
    const schema = resolve(answer, document);
    parts.push(part(`Answer, ${success[0]}`, members(schema, document)));
    if (schema.example) parts.push(part("For example", el("pre", {}, JSON.stringify(schema.example, null, 2))));
  }
  if (refusals.length) {
    const links = refusals.flatMap(([status, each]) =>
      Object.keys(Object.values(each.content)[0].examples ?? {}).map((slug) => el("a", { href: `#${slug}` }, `${status} ${slug}`)),
    );
    parts.push(part("Problems", el("p", {}, links.flatMap((link, i) => [i ? ", " : "", link]))));
  }
  return el(
    "article",
    { class: "call", id },
    el("h3", {}, el("span", { class: `method ${method}` }, method.toUpperCase()), el("span", { class: "path" }, path)),
    el("p", {}, ...prose(operation.description ?? operation.summary)),
    ...parts,
  );
}

function operations(document) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation, tag: operation.tags?.[0] ?? "operation" })),
  );
}

/** Every kind of problem: what the document's error codes say, once each. */
function problems(document) {
  const kinds = document["x-problems"] ?? {};
  return el(
    "section",
    {},
    el("h2", { id: "problems" }, "Problems"),
    el("p", {}, "Every error is a problem details object (RFC 9457), ", el("code", {}, "application/problem+json"), ":"),
    el("article", { class: "call" }, members(document.components.schemas.Problem, document)),
    el(
      "ul",
      { class: "problems" },
      Object.entries(kinds).map(([slug, { status, title }]) =>
        el("li", { id: slug }, el("b", {}, title), el("span", { class: "status" }, `${status} ${slug}`)),
      ),
    ),
  );
}

function show(document_, root, contents) {
  const all = operations(document_);
  const groups = Object.entries(TAGS).filter(([tag]) => all.some((each) => each.tag === tag));
  root.replaceChildren(
    ...groups.map(([tag, title]) =>
      el(
        "section",
        {},
        el("h2", { id: tag }, title),
        all.filter((each) => each.tag === tag).map(({ path, method, operation }) => call(path, method, operation, document_)),
      ),
    ),
    problems(document_),
  );
  contents.replaceChildren(
    ...groups.flatMap(([tag, title]) => [
      el("h2", {}, title),
      el(
        "ul",
        {},
        all.filter((each) => each.tag === tag).map(({ path, method }) => el("li", {}, el("a", { href: `#${anchor(method, path)}` }, path))),
      ),
    ]),
    el("h2", {}, "Errors"),
    el("ul", {}, el("li", {}, el("a", { href: "#problems" }, "Problems"))),
  );
  document.getElementById("about").replaceChildren(...prose(document_.info.description));
}

async function start() {
  const root = document.getElementById("main");
  try {
    const response = await fetch("openapi.json");
    if (!response.ok) throw new Error(String(response.status));
    show(await response.json(), root, document.getElementById("contents"));
  } catch (error) {
    root.replaceChildren(el("p", { role: "alert" }, `openapi.json could not be read (${error.message}); reload to try again.`));
    return;
  }
  // The place that the address names exists only now.
  if (window.location.hash) document.getElementById(decodeURIComponent(window.location.hash.slice(1)))?.scrollIntoView();
}

start();
