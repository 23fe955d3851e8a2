// @ts-check
/** The details of a timeline entry, loaded when it is opened. */

import { get, Refusal } from "./api.js";
import { copied } from "./clipboard.js";
import { h } from "./dom.js";
import { changed } from "./store.js";
import { counted, pretty } from "./wording.js";

/** @typedef {{headers?: [string, string][], body?: string, status?: number}} Side */

/** @type {Map<number, any>} */
const loaded = new Map();

/** @param {import("./store.js").Entry} entry */
export async function load(entry) {
  if (loaded.has(entry.id)) return;
  try {
    const details = await get(`/timeline/${entry.id}`);
    // An entry that is still under way is loaded again.
    if (entry.outcome !== "pending") loaded.set(entry.id, details);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    loaded.set(entry.id, { refusal: error.message });
    setTimeout(() => loaded.delete(entry.id), 1000);
  }
  changed();
}

/** Forgets what was loaded: another world counts from the beginning. */
export const forget = () => loaded.clear();

/** @param {number} id */
export function described(id) {
  const details = loaded.get(id);
  if (!details) return [h("p", { class: "hint" }, "Loading…")];
  if (details.refusal) return [h("p", { class: "refusal" }, details.refusal)];
  const parts = [
    details.curl && h("div", { key: "curl" }, copied("Copy as curl", details.curl)),
    details.fields && pairs("fields", "Fields", details.fields),
    details.request && side("request", "Request", details.request),
    details.answer &&
      side("answer", details.answer.status ? `Answer ${details.answer.status}` : "Answer", details.answer),
    details.log?.length > 0 && [
      h("h4", { key: "log" }, "Log"),
      details.log.map((/** @type {string} */ line, /** @type {number} */ place) =>
        h("pre", { key: `log ${place}` }, pretty(line)),
      ),
    ],
  ];
  return parts.some(Boolean) ? parts : [h("p", { class: "hint" }, "There is no more to it.")];
}

/** @param {string} key @param {string} title @param {Side} side */
function side(key, title, { headers = [], body = "" }) {
  const isForm = headers.some(
    ([name, value]) => name.toLowerCase() === "content-type" && value.includes("x-www-form-urlencoded"),
  );
  return [
    h("h4", { key }, title),
    headers.length > 0 &&
      h(
        "details",
        { key: `${key} headers` },
        h("summary", null, counted(headers.length, "header")),
        pairs("list", "", headers),
      ),
    isForm
      ? pairs(`${key} body`, "", [...new URLSearchParams(body)])
      : body !== "" && h("pre", { key: `${key} body` }, pretty(body)),
    headers.length === 0 && body === "" && h("p", { key: `${key} empty`, class: "hint" }, "empty"),
  ];
}

/** @param {string} key @param {string} title @param {[string, string][]} list */
function pairs(key, title, list) {
  return [
    title && h("h4", { key: `${key} title` }, title),
    h(
      "dl",
      { key, class: "pairs" },
      list.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, pretty(value)))),
    ),
  ];
}
