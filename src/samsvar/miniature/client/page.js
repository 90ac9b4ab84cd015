// The test client: a place in the address bar (#at=...&format=...) is asked for, and the exchange is shown as it went.
//
// Whatever an answer says becomes text of the page, never a part of it: elements are made here and filled by
// textContent, and a link of an answer leads to this page with the address as a parameter.

import { expanded, groupsIn, indented, kindOf, variablesOf } from "./reading.js";
import { WORDS, said } from "./words.js";

const ROOT = new URL(document.documentElement.dataset.root); // as it stands in links; we may be here by another name
const BASE = ROOT.pathname;
const FORMATS = ["hal+json", "hal+xml", "json", "xml"];
const ENTRIES = [
  ["metadata", "metadata"],
  ["my/messages", "my/messages"],
  ["reportees", "reportees"],
  ["", "frontPage"],
];
const OPTIONS = ["$top", "$skip", "$filter", "$orderby", "language"];
const TONGUES = new Map([
  ["1033", "en"],
  ["1044", "nb"],
  ["2068", "nn"],
]);
const MOST_TEXT = 200_000;
const MOST_BYTES = 1_024;
const REMEMBERED = "samsvar.client.language";

const $ = (id) => document.getElementById(id);
const form = $("form");

let language = "en";
let shown = null; // the exchange that the page shows
let going = null; // aborts the question that waits for its answer
let staysPut = false; // the next answer leaves the focus where it is

// -- making elements --------------------------------------------------------------------------------------------------

/** An element with these properties and children; text among the children stays text. */
function made(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

/** Words of the page, which follow when its language is switched. */
function worded(key, values = {}, name = "span") {
  const element = made(name);
  element.dataset.word = key;
  element.dataset.values = JSON.stringify(values);
  element.textContent = said(language, key, values);
  return element;
}

function tell(id, ...children) {
  $(id).replaceChildren(...children);
  $(id).hidden = children.length === 0;
}

// -- addresses --------------------------------------------------------------------------------------------------------

const ownOrigin = (url) => (url.origin === ROOT.origin ? new URL(url.href.replace(ROOT.origin, location.origin)) : url);

/** The URL of a reference as it is asked from here; null for what is none. */
function resolved(reference, base) {
  try {
    return ownOrigin(new URL(reference, base));
  } catch {
    return null;
  }
}

const isOurs = (url) => url.origin === location.origin;
const pathOf = (url) => url.pathname + url.search;
const shortOf = (path) => (path === BASE ? "" : path.startsWith(`${BASE}/`) ? path.slice(BASE.length + 1) : path);
const chosenFormat = () => form.elements.format.value;

/** The fragment that stands for a place in a format. */
const fragment = (path, format) => `#${new URLSearchParams({ at: path, format })}`;

/** {at, format} of the address bar, or null. */
function place() {
  const given = new URLSearchParams(location.hash.slice(1));
  const format = given.get("format");
  return given.has("at") ? { at: given.get("at"), format: FORMATS.includes(format) ? format : "hal+json" } : null;
}

function go(path, format) {
  const next = fragment(path, format);
  if (next === location.hash) visit();
  else location.hash = next; // an event follows
}

/** A URL with the language that was chosen, unless it says one itself. */
function inLanguage(url) {
  const wanted = $("language").value;
  const says = [...url.searchParams.keys()].some((name) => name.toLowerCase() === "language");
  return wanted && !says ? `${pathOf(url)}${url.search ? "&" : "?"}language=${wanted}` : pathOf(url);
}

/** What the form asks for, as path and query, whole where it is of another origin; null for what is no address. */
function asked() {
  const text = $("address").value.trim();
  const isWhole = /^([a-z][a-z0-9+.-]*:|\/)/i.test(text);
  const url = resolved(isWhole ? text : text ? `${BASE}/${text}` : BASE, location.origin);
  if (!url || !isOurs(url)) return url?.href ?? null;
  const more = OPTIONS.filter((name) => form.elements[name].value.trim());
  const query = more.map((name) => `${name}=${encodeURIComponent(form.elements[name].value.trim())}`);
  const pairs = [...(url.search.length > 1 ? [url.search.slice(1)] : []), ...query];
  return url.pathname + (pairs.length ? `?${pairs.join("&")}` : "");
}

/** Fills the form with a place, so that it can be changed and asked again. */
function mirror(path, format) {
  const [head, query = ""] = path.split(/\?(.*)/s);
  const kept = [];
  const found = new Map();
  for (const pair of query.split("&").filter(Boolean)) {
    const [name, value = ""] = pair.split(/=(.*)/s).map(decoded);
    const fits = OPTIONS.includes(name) && !found.has(name) && (name !== "language" || TONGUES.has(value));
    if (fits) found.set(name, value);
    else kept.push(pair);
  }
  for (const name of OPTIONS) form.elements[name].value = found.get(name) ?? "";
  $("address").value = shortOf(head) + (kept.length ? `?${kept.join("&")}` : "");
  form.elements.format.value = format;
}

function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

// -- asking -----------------------------------------------------------------------------------------------------------

/** The header fields of the question, with the variable that holds what nobody should paste into a ticket. */
function fieldsOf(format) {
  const fields = [{ name: "Accept", value: `application/${format}` }];
  const key = $("key").value.trim();
  const token = $("token").value.trim();
  if ($("send-key").checked && key) fields.push({ name: "ApiKey", value: key, variable: "$SAMSVAR_API_KEY" });
  if ($("send-token").checked && token)
    fields.push({ name: "Authorization", value: `Bearer ${token}`, variable: "Bearer $SAMSVAR_TOKEN" });
  return fields;
}

/** Asks for the place in the address bar and shows what comes. */
async function visit() {
  const { at, format } = place() ?? {};
  if (at === undefined) return;
  const follows = !staysPut;
  staysPut = false;
  going?.abort();
  const mine = (going = new AbortController());
  const url = resolved(at, location.origin);
  if (!url || !isOurs(url)) {
    refuse(url ? "otherOrigin" : "noAddress", { url: at, text: at });
  } else {
    if (follows) mirror(pathOf(url), format); // else what stands in the form is somebody's who is still choosing
    tell("status", worded("asking", { place: shortOf(pathOf(url)) || "/" }));
    const exchange = await exchanged(url, fieldsOf(format), mine.signal);
    if (mine.signal.aborted) return; // something else was asked since
    show(exchange);
  }
  if (follows) $("answer").focus();
}

function refuse(key, values) {
  shown = null;
  $("exchange").hidden = true;
  titled("answer");
  tell("status", bad(key, values));
}

const bad = (key, values) => made("span", { className: "bad" }, worded(key, values));

/** The exchange: what was sent, and what came as far as it came. */
async function exchanged(url, fields, signal) {
  const begun = performance.now();
  const exchange = { url, fields, response: null, bytes: new Uint8Array(), failure: "", time: 0 };
  try {
    const headers = new Headers(fields.map(({ name, value }) => [name, value]));
    const options = { headers, signal, credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" };
    exchange.response = await fetch(url, options);
    for await (const part of parts(exchange.response)) exchange.bytes = joined(exchange.bytes, part);
  } catch (error) {
    exchange.failure = String(error.message ?? error);
  }
  exchange.time = performance.now() - begun;
  return exchange;
}

/** The body as it comes: when it breaks off, what the browser gave before is there. */
async function* parts(response) {
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader.read()) yield read.value;
}

function joined(one, other) {
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}

// -- showing ----------------------------------------------------------------------------------------------------------

function show(exchange) {
  shown = exchange;
  $("exchange").hidden = false;
  $("came").hidden = $("jumps").hidden = !exchange.response;
  showQuestion(exchange);
  const path = shortOf(pathOf(exchange.url)) || "/";
  if (!exchange.response) {
    titled("answerAbout", { status: "–", place: path });
    tell("status", bad("noAnswer", { why: exchange.failure }));
    return;
  }
  const status = `${exchange.response.status} ${reasonOf(exchange.response)}`.trim();
  titled("answerAbout", { status, place: path });
  showHead(exchange, status);
  const count = showLinks(exchange);
  showBody();
  const summary = { status, count: exchange.bytes.length, time: Math.round(exchange.time), links: count };
  const told = worded("summary", summary);
  if (exchange.response.status >= 400) told.className = "bad";
  tell("status", told, ...broken(exchange));
}

function broken(exchange) {
  if (!exchange.failure) return [];
  return [made("br"), bad("bodyBroke", { count: exchange.bytes.length, why: exchange.failure })];
}

/** Heading of the answer and title of the page. */
function titled(key, values) {
  tell("answer", worded(key, values));
  entitle();
}

function entitle() {
  const start = place() ? `${$("answer").textContent} – ` : "";
  document.title = `${start}${said(language, "title")} – samsvar`;
}

function showQuestion({ url, fields }) {
  const head = [`GET ${pathOf(url)} HTTP/1.1`, `Host: ${url.host}`];
  $("sent").textContent = [...head, ...fields.map(({ name, value }) => `${name}: ${value}`)].join("\n");
  $("curl").textContent = curlLine(url, fields);
  tell("copied");
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The line for sh that asks the same; credentials come from the variables that samsvar uses too. */
function curlLine(url, fields) {
  const given = fields.map(({ name, value, variable }) =>
    variable ? `-H "${name}: ${variable}"` : `-H ${quoted(`${name}: ${value}`)}`,
  );
  const globs = /[[\]{}]/.test(url.href) ? ["-g"] : [];
  return ["curl -sSi", ...globs, ...given, quoted(url.href)].join(" ");
}

/** The reason phrase. Browsers give its bytes one by one, and it may be written in UTF-8. */
function reasonOf(response) {
  const bytes = Uint8Array.from(response.statusText, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return response.statusText;
  }
}

function showHead({ response, url }, status) {
  const lines = [`HTTP/1.1 ${status}`, ...[...response.headers].map(([name, value]) => `${name}: ${value}`)];
  tell("received", lines.join("\n"));
  tell("redirected", ...(response.redirected ? [worded("redirected", { url: response.url })] : []));
}

/** All links of the answer, by the resource that carries them. Gives their number. */
function showLinks(exchange) {
  const kind = kindOf(exchange.response.headers.get("Content-Type"));
  let groups = [];
  if (exchange.failure) {
    tell("links");
    return "–";
  }
  try {
    groups = groupsIn(textOf(exchange), kind);
  } catch (error) {
    tell("links", made("p", {}, bad("unreadable", { why: String(error.message ?? error) })));
    return "–";
  }
  const base = exchange.response.url || exchange.url.href;
  const parts = groups.map((group) => groupShown(group, base));
  tell("links", ...(parts.length ? parts : [worded("noLinks", {}, "p")]));
  return groups.reduce((sum, group) => sum + group.links.length, 0);
}

function groupShown({ where, id, links }, base) {
  const title = where.length ? made("bdi", {}, where.join(", "), id ? ` (${id})` : "") : worded("theAnswer");
  return made("div", {}, made("h4", {}, title), made("ul", {}, ...links.map((link) => linkShown(link, base))));
}

function linkShown(link, base) {
  const label = labelOf(link);
  if (link.templated) return made("li", {}, templateShown(link, label, base));
  const anchor = made("a", {}, label);
  const url = resolved(link.href, base);
  const more = made("span", { className: "quiet" }, ` ${url && isOurs(url) ? shortOf(pathOf(url)) : link.href}`);
  if (!url || !isOurs(url)) return made("li", {}, label, more, " (", worded("anotherOrigin"), ")");
  aimed(anchor, () => inLanguage(url));
  return made("li", {}, anchor, more);
}

/** An anchor that leads to a path; anew when it is followed, since format and language may have been chosen since. */
function aimed(anchor, path) {
  const aim = () => anchor.setAttribute("href", fragment(path(), chosenFormat()));
  for (const event of ["auxclick", "contextmenu"]) anchor.addEventListener(event, aim);
  anchor.addEventListener("click", (event) => {
    aim();
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey;
    if (elsewhere || anchor.getAttribute("href") !== location.hash) return;
    event.preventDefault(); // the address bar does not change, so nothing would be asked
    visit();
  });
  aim();
  return anchor;
}

/** Relation, then what the link says of itself; in the language of the answer as far as it is known. */
function labelOf({ rel, attributes }) {
  const told = new Map(attributes);
  const names = ["name", "title", "fileName"].filter((name) => told.has(name)).map((name) => String(told.get(name)));
  const text = [...new Set(names)].join(", ");
  const lang = TONGUES.get($("language").value || "1044");
  return made("span", {}, made("strong", {}, rel), ...(text ? [": ", made("bdi", { lang }, text)] : []));
}

function templateShown(link, label, base) {
  const input = () => made("input", { autocomplete: "off", spellcheck: false });
  const fields = variablesOf(link.href).map((name) => [name, input()]);
  const shape = made("code", { translate: false }, link.href);
  const inputs = fields.map(([name, field]) => made("p", { className: "field" }, made("label", {}, name, " ", field)));
  const button = made("button", { type: "submit" }, worded("follow"));
  const small = made("form", {}, made("p", { className: "quiet" }, shape), ...inputs, made("p", {}, button));
  small.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = new Map(fields.filter(([, field]) => field.value).map(([name, field]) => [name, field.value]));
    const url = resolved(expanded(link.href, values), base);
    go(url && isOurs(url) ? inLanguage(url) : (url?.href ?? link.href), chosenFormat());
  });
  return made("details", {}, made("summary", {}, label, " (", worded("template"), ")"), small);
}

function showBody() {
  const { response, bytes } = shown;
  const kind = kindOf(response.headers.get("Content-Type"));
  const notes = [];
  let text = textOf(shown);
  if (!isText(kind)) {
    notes.push(worded("notText", { kind, count: bytes.length }));
    text = dump(bytes.subarray(0, MOST_BYTES));
  } else if ($("pretty").checked) {
    try {
      text = indented(text, kind);
    } catch (error) {
      notes.push(worded("notIndented", { why: String(error.message ?? error) }));
    }
  }
  if (text.length > MOST_TEXT) notes.push(worded("shortened", { shown: MOST_TEXT, count: text.length }));
  if (!bytes.length && !shown.failure) notes.push(worded("noBody"));
  tell("body-note", ...notes);
  tell("body", ...(text ? [text.slice(0, MOST_TEXT)] : []));
}

const isText = (kind) => kind === "" || /json|xml|^text\//.test(kind);

/** The body as text, in the charset that it says. */
function textOf({ response, bytes }) {
  const charset = /charset="?([^";\s]+)/i.exec(response.headers.get("Content-Type") ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

/** Bytes in hexadecimal, sixteen a line, with what is printable beside them. */
function dump(bytes) {
  const lines = [];
  for (let start = 0; start < bytes.length; start += 16) {
    const row = [...bytes.subarray(start, start + 16)];
    const figures = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${start.toString(16).padStart(6, "0")}  ${figures.padEnd(47)}  ${letters}`);
  }
  return lines.join("\n");
}

// -- the page's own language ------------------------------------------------------------------------------------------

function speak(wanted) {
  language = wanted;
  document.documentElement.lang = wanted;
  for (const element of document.querySelectorAll("[data-word]")) {
    const values = JSON.parse(element.dataset.values ?? "{}");
    element.textContent = said(wanted, element.dataset.word, values);
  }
  for (const element of document.querySelectorAll("[data-word-label]"))
    element.setAttribute("aria-label", said(wanted, element.dataset.wordLabel));
  for (const button of document.querySelectorAll("[data-language]"))
    button.setAttribute("aria-pressed", String(button.dataset.language === wanted));
  entitle();
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // storage may be forbidden
  }
}

function remember(wanted) {
  try {
    localStorage.setItem(REMEMBERED, wanted);
  } catch {
    // then the page speaks as the browser likes, the next time
  }
}

function firstLanguage() {
  const liked = navigator.languages.map((tag) => tag.toLowerCase().split("-")[0]);
  const nordic = ["nb", "no", "nn"];
  const found = liked.find((tag) => tag === "en" || nordic.includes(tag));
  return Object.hasOwn(WORDS, remembered()) ? remembered() : nordic.includes(found) ? "nb" : "en";
}

// -- what a person does -----------------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const path = asked();
  if (path !== null) return go(path, chosenFormat());
  tell("status", bad("noAddress", { text: $("address").value }));
  $("address").focus();
});

form.addEventListener("change", (event) => {
  const now = place();
  if (event.target.name !== "format" || !now) return;
  staysPut = true; // choosing among the formats goes on with the arrow keys
  go(now.at, chosenFormat());
});

$("pretty").addEventListener("change", () => shown?.response && showBody());

$("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText($("curl").textContent);
    tell("copied", worded("copied"));
  } catch {
    getSelection().selectAllChildren($("curl"));
    tell("copied", worded("mark"));
  }
});

for (const button of document.querySelectorAll("[data-language]"))
  button.addEventListener("click", () => {
    remember(button.dataset.language);
    speak(button.dataset.language);
  });

for (const button of document.querySelectorAll("[data-jump]"))
  button.addEventListener("click", () => $(button.dataset.jump).focus());

$("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the fragment is where the place stands
  $("answer").focus();
});

for (const [path, name] of ENTRIES) {
  const anchor = made("a", {}, path ? name : worded(name));
  $("entry-links").append(made("li", {}, aimed(anchor, () => (path ? `${BASE}/${path}` : BASE))));
}

$("root").textContent = `${location.origin}${BASE}/`;
$("help").href = `${BASE}/help`;
window.addEventListener("hashchange", visit);
speak(firstLanguage());
visit();
