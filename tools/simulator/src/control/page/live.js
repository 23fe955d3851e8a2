// @ts-check
/**
 * Follows the simulator's state with one request at a time, which the simulator answers at the next change. A hidden
 * page sends no requests.
 */

import { setConnection, setState } from "./store.js";

/** The seconds that a request waits for a change. */
const WAIT = 20;
/** The pause between two requests in milliseconds, so that a burst of changes is drawn only a few times a second. */
const PAUSE = 150;
/** The pause in milliseconds after a failed request. */
const LONG_PAUSE = 1000;

let etag = "";

export async function follow() {
  for (;;) {
    await visible();
    try {
      const headers = { "If-None-Match": etag, Prefer: `wait=${WAIT}` };
      const answer = await fetch("/simulator/state", { headers, cache: "no-store" });
      if (answer.status === 200) {
        etag = answer.headers.get("ETag") ?? "";
        setState(await answer.json());
      } else if (answer.status !== 304) {
        throw new Error(`status ${answer.status}`);
      }
      setConnection("live");
      await after(PAUSE);
    } catch {
      // The next simulator at this address may have the same state.
      etag = "";
      setConnection("lost");
      await after(LONG_PAUSE);
    }
  }
}

/** @param {number} milliseconds */
const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until the page is visible. */
async function visible() {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  }
}
