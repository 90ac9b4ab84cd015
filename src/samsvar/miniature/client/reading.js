// Text of an answer in, links and indented text out. Nothing here touches the page, and no rule of samsvar is used.
// Every function throws for text that is malformed.

const URI = /^https?:\/\/\S+$/i;
const NOT_ATTRIBUTES = ["href", "rel", "templated", "isTemplated"];

// An answer becomes a document of its own and never a part of the page, so it may be parsed.
const policy = window.trustedTypes?.createPolicy("read-xml", { createHTML: (text) => text });

/** Media type, without parameters and in small letters. */
export const kindOf = (contentType) => (contentType ?? "").split(";")[0].trim().toLowerCase();

/** All links by what carries them: [{where: ["messages 1"], id: "a1000000", links: [...]}], a link being
 *  {rel, href, templated, attributes: [[name, value]]}; where is [] for the answer itself. */
export function groupsIn(text, kind) {
  const reader = READERS.get(kind);
  if (!reader || !text.trim()) return [];
  return reader(text).filter((group) => group.links.length > 0);
}

const READERS = new Map([
  ["application/hal+json", (text) => halJson(JSON.parse(text), [])],
  ["application/hal+xml", (text) => halXml(xml(text), [])],
  ["application/json", (text) => plainJson(JSON.parse(text), [])],
  ["application/xml", (text) => plainXml(xml(text), [])],
]);

const isObject = (value) => typeof value === "object" && value !== null;
const isTrue = (value) => value === true || /^(true|1)$/i.test(value);

function link(rel, attributes) {
  const named = new Map(Object.entries(attributes));
  return {
    rel,
    href: String(named.get("href") ?? ""),
    templated: isTrue(named.get("templated")) || isTrue(named.get("isTemplated")),
    attributes: [...named].filter(([name, value]) => !NOT_ATTRIBUTES.includes(name) && !isObject(value)),
  };
}

// -- HAL --------------------------------------------------------------------------------------------------------------

function halJson(value, where) {
  if (Array.isArray(value)) return value.flatMap((item, index) => halJson(item, numbered(where, index + 1)));
  if (!isObject(value)) return [];
  const links = Object.entries(value._links ?? {}).flatMap(([rel, found]) =>
    [found].flat().filter(isObject).map((one) => link(rel, one)),
  );
  const inner = Object.entries(value).filter(([name]) => name !== "_links");
  const deeper = inner.flatMap(([name, member]) =>
    name === "_embedded" ? halJson(member, where) : halJson(member, [...where, name]),
  );
  return [{ where, id: idOf(Object.entries(value)), links }, ...deeper];
}

function halXml(element, where) {
  const children = [...element.children];
  const own = element.localName === "resource" && element.hasAttribute("href");
  const links = children.filter((child) => child.localName === "link" && child.hasAttribute("href"));
  const group = {
    where,
    id: idOf(children.map((child) => [child.localName, ownText(child)])),
    links: [
      ...(own ? [link("self", { href: element.getAttribute("href") })] : []),
      ...links.map((one) => link(one.getAttribute("rel") ?? "", attributesOf(one))),
    ],
  };
  const deeper = children.filter((child) => !links.includes(child));
  return [group, ...deeper.flatMap((child) => halXml(child, placed(child, where)))];
}

// -- plain ------------------------------------------------------------------------------------------------------------

/** The plain formats carry no links; some members are URIs. */
function plainJson(value, where) {
  if (Array.isArray(value)) return value.flatMap((item, index) => plainJson(item, numbered(where, index + 1)));
  if (!isObject(value)) return [];
  const members = Object.entries(value);
  const links = members.filter(([, member]) => isUri(member)).map(([name, member]) => link(name, { href: member }));
  const deeper = members.flatMap(([name, member]) => plainJson(member, [...where, name]));
  return [{ where, id: idOf(Object.entries(value)), links }, ...deeper];
}

function plainXml(element, where) {
  const children = [...element.children];
  const links = children
    .filter((child) => isUri(ownText(child)))
    .map((child) => link(child.localName, { href: ownText(child) }));
  const group = { where, id: idOf(children.map((child) => [child.localName, ownText(child)])), links };
  return [group, ...children.flatMap((child) => plainXml(child, placed(child, where)))];
}

const isText = (value) => typeof value === "string" && value !== "";
const isUri = (value) => typeof value === "string" && URI.test(value);

// -- names for where a link stands ------------------------------------------------------------------------------------

function numbered(where, number) {
  return where.length ? [...where.slice(0, -1), `${where.at(-1)} ${number}`] : [String(number)];
}

/** What tells a resource from its neighbours: its first member that is called an id, else its first member. */
function idOf(members) {
  const told = members.filter(([, value]) => (typeof value === "number" || isText(value)) && !isUri(value));
  const [, found] = told.find(([name]) => /id$/i.test(name)) ?? told[0] ?? [];
  return String(found ?? "").slice(0, 60);
}

const nameOf = (element) => (element.localName === "resource" ? element.getAttribute("rel") : element.localName);

function placed(element, where) {
  const name = nameOf(element);
  const alike = [...element.parentElement.children].filter((one) => nameOf(one) === name);
  return [...where, alike.length > 1 ? `${name} ${alike.indexOf(element) + 1}` : name];
}

/** The text of an element that holds nothing else, else "". */
const ownText = (element) => (element.children.length === 0 ? element.textContent : "");

const attributesOf = (element) => Object.fromEntries([...element.attributes].map((one) => [one.name, one.value]));

/** The root element. */
function xml(text) {
  const made = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "application/xml");
  const error = made.getElementsByTagName("parsererror")[0];
  const why = (error?.querySelector("div") ?? error)?.textContent; // Chromium has words for readers around it
  if (error) throw new SyntaxError(why.replace(/\s+/g, " ").slice(0, 200));
  return made.documentElement;
}

// -- templates (RFC 6570, 3.2) ----------------------------------------------------------------------------------------

const OPERATORS = {
  "": { first: "", between: ",", named: false, whole: false },
  "+": { first: "", between: ",", named: false, whole: true },
  "#": { first: "#", between: ",", named: false, whole: true },
  ".": { first: ".", between: ".", named: false, whole: false },
  "/": { first: "/", between: "/", named: false, whole: false },
  ";": { first: ";", between: ";", named: true, whole: false },
  "?": { first: "?", between: "&", named: true, whole: false },
  "&": { first: "&", between: "&", named: true, whole: false },
};
const EXPRESSION = /\{([+#./;?&]?)([^{}]+)\}/g;

const specsOf = (list) =>
  list.split(",").map((spec) => {
    const [, name, most] = spec.match(/^(.*?)(?::(\d+))?\*?$/);
    return { name, most: most ? Number(most) : Infinity };
  });

/** The names in a template, each once. */
export function variablesOf(template) {
  const all = [...template.matchAll(EXPRESSION)].flatMap(([, , list]) => specsOf(list).map((spec) => spec.name));
  return [...new Set(all)];
}

const octet = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
const percent = (character) => [...new TextEncoder().encode(character)].map(octet).join("");
const UNRESERVED = /[^A-Za-z0-9\-._~]/gu;
const NEITHER = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]/gu;
const encoded = (text, whole) =>
  whole
    ? text.replace(NEITHER, (found) => (found.length === 3 ? found : percent(found)))
    : text.replace(UNRESERVED, percent);

/** The template with these values (Map of name to text); a name without a value is left out. */
export function expanded(template, values) {
  return template.replace(EXPRESSION, (_, sign, list) => {
    const { first, between, named, whole } = OPERATORS[sign];
    const parts = specsOf(list)
      .filter((spec) => values.has(spec.name))
      .map(({ name, most }) => {
        const text = encoded([...values.get(name)].slice(0, most).join(""), whole);
        if (!named) return text;
        return text === "" && sign === ";" ? name : `${name}=${text}`;
      });
    return parts.length ? first + parts.join(between) : "";
  });
}

// -- indented ---------------------------------------------------------------------------------------------------------

/** The same text on lines of its own; not one character of a value differs. Text of other kinds stays as it is. */
export function indented(text, kind) {
  if (/json/.test(kind)) return indentedJson(text);
  return /xml/.test(kind) ? indentedXml(text) : text;
}

function indentedJson(text) {
  JSON.parse(text); // its result is not used: a number would lose digits
  let depth = 0;
  let written = "";
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs) ?? [];
  tokens.forEach((token, place) => {
    const closes = token === "}" || token === "]";
    const empty = closes && /[{[]/.test(tokens[place - 1]) && tokens[place - 1].length === 1;
    if (closes) depth -= 1;
    if (closes && !empty) written += `\n${"  ".repeat(depth)}`;
    written += token === ":" ? ": " : token;
    if (token === "{" || token === "[") depth += 1;
    const next = tokens[place + 1];
    if (token === "," || ((token === "{" || token === "[") && next !== "}" && next !== "]"))
      written += `\n${"  ".repeat(depth)}`;
  });
  return written;
}

const XML_TOKENS = /<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?:"[^"]*"|'[^']*'|[^>"'])*>|[^<]+/gs;
const opens = (token) => /^<[^!?/]/.test(token) && !token.endsWith("/>");
const closes = (token) => (token ?? "").startsWith("</");

function indentedXml(text) {
  xml(text);
  const tokens = text.match(XML_TOKENS) ?? [];
  const lines = [];
  let depth = 0;
  for (let place = 0; place < tokens.length; place += 1) {
    if (closes(tokens[place])) depth -= 1;
    if (!tokens[place].trim()) continue;
    let line = "  ".repeat(Math.max(0, depth)) + tokens[place];
    if (opens(tokens[place])) {
      const end = tokens.slice(place + 1, place + 3).findIndex(closes); // with nothing or one text between
      if (end < 0 || (end === 1 && opens(tokens[place + 1]))) depth += 1;
      else for (let more = 0; more <= end; more += 1) line += tokens[(place += 1)];
    }
    lines.push(line);
  }
  return lines.join("\n");
}
