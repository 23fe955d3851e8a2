// @ts-check
/** Loads the details of log entries: when an entry is opened, and again when it has changed. */

import { get, Refusal } from "./api.js";
import { changed } from "./store.js";

/** @type {Map<string, {print: string, value: any}>} */
const loaded = new Map();
/** The ids of the entries whose details are being loaded. */
const asked = new Set();

const PATHS = /** @type {Record<string, string>} */ ({
  request: "requests",
  event: "events",
  route: "routes",
  callback: "callback-deliveries",
  sink: "sink-deliveries",
});

/**
 * The details. While newer details are loaded, the earlier ones; undefined before the first.
 *
 * @param {string} id
 * @param {unknown} entry The entry in the state. The details are loaded again when it changes.
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

/** Whether an id belongs to a log entry and not to a resource. @param {string} id */
export const isEntry = (id) => (id.split("-")[0] ?? "") in PATHS;

/** Forgets all details. */
export const forget = () => loaded.clear();
