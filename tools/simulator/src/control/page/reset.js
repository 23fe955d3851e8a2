// @ts-check
/** Everything as it was at the start. */

import { dialog } from "./actions.js";
import { go } from "./address.js";
import { post } from "./api.js";
import { forget } from "./details.js";

let since = "";

/** Another world has begun, in which the same numbers mean other things. @param {import("./store.js").Model} model */
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
