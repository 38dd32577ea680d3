/** The API's page, drawn from the OpenAPI document: every call and how to try it, every problem, every schema. */
import { el } from "./js/dom.js";

const TAGS = { recognition: "Recognition", corrections: "Corrections", models: "Models", operation: "Operation" };

/** Text in which what stands between backticks is code. */
const prose = (text = "") => text.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part));

const anchor = (method, path) => `${method}${path}`.replace(/[^a-z0-9]+/gi, "-").replace(/-$/, "");

/** What a schema takes, in a few words, with a link for each schema that has its own section. */
function typeOf(schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    return [el("a", { href: `#schema-${name}` }, name)];
  }
  if (schema.anyOf) return schema.anyOf.flatMap((each, i) => [i ? " or " : "", ...typeOf(each)]);
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(", ")];
  if ("const" in schema) return [JSON.stringify(schema.const)];
  if (schema.type === "array") return ["list of ", ...typeOf(schema.items ?? {})];
  if (schema.type === "object" && schema.additionalProperties?.$ref) return ["by name, ", ...typeOf(schema.additionalProperties)];
  if (schema.format === "binary") return ["file"];
  const bounded = schema.minimum !== undefined && schema.maximum !== undefined;
  return [`${schema.type ?? "anything"}${bounded ? ` ${schema.minimum} to ${schema.maximum}` : ""}`];
}

function resolve(schema, document) {
  if (!schema.$ref) return schema;
  return schema.$ref.slice(2).split("/").reduce((at, name) => at[name], document);
}

/** A table of the members of an object's schema. */
function members(schema) {
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
          el("span", { class: "type" }, ...typeOf(each), required.has(name) ? "" : ", may be missing"),
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
              el("dd", {}, el("span", { class: "type" }, ...typeOf(each.schema), " · "), ...prose(each.description)),
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
  if (operation.security) {
    const ways = operation.security.flatMap((each) => Object.keys(each)).map((name) => document.components.securitySchemes[name]);
    parts.push(part("Key", el("p", {}, ways.flatMap(({ description }, i) => [i ? " or " : "", ...prose(description)]))));
  }
  if (answer) {
    const schema = resolve(answer, document);
    parts.push(part(`Answer, ${success[0]}`, members(schema)));
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

/** Every kind of problem: its status, its name, and what to do about it. */
function problems(document) {
  const kinds = document.components.schemas.Problem["x-problems"];
  return el(
    "section",
    {},
    el("h2", { id: "problems" }, "Problems"),
    el("p", {}, "Every error is a ", el("a", { href: "#schema-Problem" }, "Problem"), ", ", el("code", {}, "application/problem+json"), "."),
    el(
      "ul",
      { class: "problems" },
      Object.entries(kinds).map(([slug, { status, title, advice }]) =>
        el("li", { id: slug }, el("b", {}, title), el("span", { class: "status" }, `${status} ${slug}`), el("p", {}, ...prose(advice))),
      ),
    ),
  );
}

/** Every schema: what it stands for, and its members. */
function schemas(document) {
  return el(
    "section",
    {},
    el("h2", { id: "schemas" }, "Schemas"),
    Object.entries(document.components.schemas).map(([name, schema]) =>
      el(
        "article",
        { class: "call", id: `schema-${name}` },
        el("h3", {}, el("span", { class: "path" }, name)),
        el("p", {}, ...prose(schema.description)),
        members(schema),
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
    schemas(document_),
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
    el("h2", {}, "Reference"),
    el(
      "ul",
      {},
      ["Problems", "Schemas"].map((title) => el("li", {}, el("a", { href: `#${title.toLowerCase()}` }, title))),
    ),
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
