// @ts-check
/** The details of an entry of the log, loaded when it is opened, and again when the entry has changed. */

import { get, Refusal } from "./api.js";
import { changed } from "./store.js";

/** @type {Map<string, {print: string, value: any}>} */
const loaded = new Map();
/** What is being loaded. */
const asked = new Set();

const PATHS = /** @type {Record<string, string>} */ ({
  request: "requests",
  event: "events",
  route: "routes",
  callback: "callback-deliveries",
  sink: "sink-deliveries",
});

/**
 * The details, or the last ones while newer ones are loaded; undefined before there are any.
 *
 * @param {string} id
 * @param {unknown} entry The entry as the list has it. Its details are as new as it is.
 */
export function detailsOf(id, entry) {
  const print = JSON.stringify(entry);
  const known = loaded.get(id);
  if (known?.print !== print) load(id, print);
  return known?.value;
}

/** @param {string} id @param {string} print */
async function load(id, print) {
  if (asked.has(id)) return;
  asked.add(id);
  const [kind, ...rest] = id.split("-");
  try {
    loaded.set(id, { print, value: await get(`/simulator/${PATHS[kind]}/${rest.join("-")}`) });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    loaded.set(id, { print, value: { failure: error.message } });
  } finally {
    asked.delete(id);
  }
  changed();
}

/** Whether an id is an entry's, and not a resource's. @param {string} id */
export const isEntry = (id) => (id.split("-")[0] ?? "") in PATHS;

/** Forgets everything: another world counts from the beginning. */
export const forget = () => loaded.clear();
