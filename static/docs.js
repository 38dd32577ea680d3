/** The API's page, drawn from the OpenAPI document: every call and how to try it, every problem, every schema. */
import { el } from "./js/dom.js";

const TAGS = { recognition: "Recognition", corrections: "Corrections", models: "Models", operation: "Operation" };

let api = null;

/** The parts of a text, of which those between backticks are code elements. */
const prose = (text = "") => text.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part));

const anchor = (method, path) => `${method}${path}`.replace(/[^a-z0-9]+/gi, "-").replace(/-$/, "");
const joined = (parts, between) => parts.flatMap((part, i) => (i ? [between, part] : [part])).flat();
const part = (title, ...content) => el("div", {}, el("h4", {}, title), ...content);
const link = (to, text) => el("a", { href: `#${to}` }, text);
const terms = (entries) => el("dl", {}, entries.map(([term, ...said]) => el("div", {}, el("dt", {}, term), el("dd", {}, ...said))));
const article = (id, title, ...content) => el("article", { class: "call", id }, el("h3", {}, ...title), ...content);
const path_ = (text) => el("span", { class: "path" }, text);

/** What a schema takes, in a few words, with a link for each schema that has its own section. */
function typeOf(schema) {
  if (schema.$ref) return [link(`schema-${schema.$ref.split("/").at(-1)}`, schema.$ref.split("/").at(-1))];
  if (schema.anyOf) return joined(schema.anyOf.map(typeOf), " or ");
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(", ")];
  if ("const" in schema) return [JSON.stringify(schema.const)];
  if (schema.type === "array") return ["list of ", ...typeOf(schema.items ?? {})];
  if (schema.type === "object" && schema.additionalProperties?.$ref) return ["by name, ", ...typeOf(schema.additionalProperties)];
  if (schema.format === "binary") return ["file"];
  const bounded = schema.minimum !== undefined && schema.maximum !== undefined;
  return [`${schema.type ?? "anything"}${bounded ? ` ${schema.minimum} to ${schema.maximum}` : ""}`];
}

const resolve = (schema) => (schema.$ref ? schema.$ref.slice(2).split("/").reduce((at, name) => at[name], api) : schema);

/** A table of the members of an object's schema. */
function members({ required = [], properties = {} }) {
  const type = (name, each) => el("span", { class: "type" }, ...typeOf(each), required.includes(name) ? "" : ", may be missing");
  return terms(Object.entries(properties).map(([name, each]) => [name, type(name, each), each.description ? " · " : "", ...prose(each.description)]));
}

/** The line that tries a call, for the address at which this page was opened. */
function curl(path, operation) {
  const url = new URL(`.${path}`, location.href).href.replace("%7Bname%7D", "lenet5");
  const content = operation.requestBody?.content ?? {};
  if (content["application/json"] && !content["image/png"]) {
    const body = JSON.stringify(resolve(content["application/json"].schema).example ?? {});
    return `curl ${url} \\\n  -H 'content-type: application/json' \\\n  -d '${body}'`;
  }
  const form = content["multipart/form-data"];
  if (!form) return `curl ${url}`;
  const { image, template } = resolve(form.schema).properties;
  if (image?.type === "array") return `curl -F image=@one.png -F image=@two.png ${url}`;
  return `curl -F image=@${template ? "page.png -F template=@template.json" : "digit.png"} ${url}`;
}

function tryIt(line) {
  const button = el("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    button.textContent = await navigator.clipboard.writeText(line).then(() => "Copied", () => "Select it");
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return el("div", { class: "try" }, el("pre", {}, line), button);
}

function call({ path, method, operation }) {
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  const answer = success?.[1].content?.["application/json"]?.schema;
  const refusals = Object.entries(operation.responses).filter(([status, each]) => status >= "4" && each.content);
  const parts = [tryIt(curl(path, operation))];
  if (operation.parameters?.length) {
    const about = ({ name, schema, description }) => [name, el("span", { class: "type" }, ...typeOf(schema), " · "), ...prose(description)];
    parts.push(part("Parameters", terms(operation.parameters.map(about))));
  }
  if (operation.requestBody) {
    parts.push(part("Body", el("p", {}, joined(Object.keys(operation.requestBody.content).map((kind) => el("code", {}, kind)), ", "))));
  }
  if (operation.security) {
    const ways = operation.security.flatMap((each) => Object.keys(each)).map((name) => api.components.securitySchemes[name]);
    parts.push(part("Key", el("p", {}, joined(ways.map(({ description }) => prose(description)), " or "))));
  }
  if (answer) {
    const schema = resolve(answer);
    parts.push(part(`Answer, ${success[0]}`, members(schema)));
    if (schema.example) parts.push(part("For example", el("pre", {}, JSON.stringify(schema.example, null, 2))));
  }
  const problems = refusals.flatMap(([status, each]) => Object.keys(Object.values(each.content)[0].examples ?? {}).map((slug) => link(slug, `${status} ${slug}`)));
  if (problems.length) parts.push(part("Problems", el("p", {}, joined(problems, ", "))));
  const title = [el("span", { class: `method ${method}` }, method.toUpperCase()), path_(path)];
  return article(anchor(method, path), title, el("p", {}, ...prose(operation.description ?? operation.summary)), ...parts);
}

/** Every kind of problem: its status, its name, and what to do about it. */
function problems() {
  const kinds = Object.entries(api.components.schemas.Problem["x-problems"]);
  const one = ([slug, { status, title, advice }]) =>
    el("li", { id: slug }, el("b", {}, title), el("span", { class: "status" }, `${status} ${slug}`), el("p", {}, ...prose(advice)));
  const every = el("p", {}, "Every error is a ", link("schema-Problem", "Problem"), ", ", el("code", {}, "application/problem+json"), ".");
  return el("section", {}, el("h2", { id: "problems" }, "Problems"), every, el("ul", { class: "problems" }, kinds.map(one)));
}

/** Every schema: what it stands for, and its members. */
function schemas() {
  const one = ([name, schema]) => article(`schema-${name}`, [path_(name)], el("p", {}, ...prose(schema.description)), members(schema));
  return el("section", {}, el("h2", { id: "schemas" }, "Schemas"), Object.entries(api.components.schemas).map(one));
}

function show(root, contents) {
  const all = Object.entries(api.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const groups = Object.entries(TAGS)
    .map(([tag, title]) => ({ tag, title, calls: all.filter(({ operation }) => (operation.tags?.[0] ?? "operation") === tag) }))
    .filter(({ calls }) => calls.length);
  const links = (title, pairs) => [el("h2", {}, title), el("ul", {}, pairs.map(([to, text]) => el("li", {}, link(to, text))))];
  root.replaceChildren(...groups.map(({ tag, title, calls }) => el("section", {}, el("h2", { id: tag }, title), calls.map(call))), problems(), schemas());
  contents.replaceChildren(
    ...groups.flatMap(({ title, calls }) => links(title, calls.map(({ path, method }) => [anchor(method, path), path]))),
    ...links("Reference", [["problems", "Problems"], ["schemas", "Schemas"]]),
  );
  document.getElementById("about").replaceChildren(...prose(api.info.description));
}

const root = document.getElementById("main");
try {
  const response = await fetch("openapi.json");
  if (!response.ok) throw new Error(String(response.status));
  api = await response.json();
  show(root, document.getElementById("contents"));
  // The section that the address names exists only now, so the browser has not scrolled to it.
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
} catch (error) {
  root.replaceChildren(el("p", { role: "alert" }, `openapi.json could not be read (${error.message}); reload to try again.`));
}
