// @ts-check
/** The parts of details: sections, pairs, SIDs, headers and bodies. */

import { addressOf } from "./address.js";
import { copied } from "./clipboard.js";
import { h } from "./dom.js";
import { counted, pretty, short } from "./wording.js";

/** @typedef {import("./dom.js").Child} Child */

/** @param {string} title @param {...Child} children */
export const section = (title, ...children) =>
  h("section", { key: title, class: "block" }, h("h3", null, title), ...children);

/** @param {[string, Child][]} list */
export const pairs = (list) =>
  h(
    "dl",
    { class: "pairs" },
    list.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value))),
  );

/** A SID as a link to the details of its resource. @param {string} sid @param {string} [text] */
export const linked = (sid, text = short(sid)) => h("a", { href: addressOf({ open: sid }), title: sid }, text);

/** @param {string} sid */
export const copiedSid = (sid) => h("span", { class: "sid" }, h("code", null, sid), copied("Copy", sid, sid));

/** @param {string} title @param {{headers: [string, string][], body: string}} side */
export function side(title, { headers, body }) {
  return section(
    title,
    bodyOf(headers, body),
    headers.length > 0 &&
      h("details", null, h("summary", null, counted(headers.length, "header")), pairs(headers.map(([a, b]) => [a, b]))),
  );
}

/** @param {[string, string][]} headers @param {string} body @returns {Child} */
function bodyOf(headers, body) {
  if (body === "") return h("p", { class: "hint" }, "No body");
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  if (type.includes("x-www-form-urlencoded")) {
    return pairs([...new URLSearchParams(body)].map(([name, value]) => [name, json(value)]));
  }
  return json(body);
}

/** Formatted JSON, or any other text unchanged. @param {string} text */
export function json(text) {
  const shown = pretty(text);
  return h("pre", { class: "code" }, shown);
}
