// @ts-check
/** The dialog that resets the simulator. */

import { dialog } from "./actions.js";
import { go } from "./address.js";
import { post } from "./api.js";
import { forget } from "./details.js";

let since = "";

/** Forgets the details when a new world has begun, which counts from 0 again. @param {import("./store.js").Model} model */
export function draw({ state }) {
  if (state !== null && state.since !== since) {
    if (since !== "") forget();
    since = state.since;
  }
}

export function start() {
  dialog("reset", async () => {
    await post("/simulator/reset");
    go({ view: "log", show: "all", search: "", open: "" });
  });
}
