// @ts-check
/** The dialog that creates a task with a request to Twilio's API. */

import { dialog } from "./actions.js";
import { go } from "./address.js";
import { twilio } from "./api.js";
import { byId, h, render } from "./dom.js";

/** @param {import("./store.js").Model} model */
export function draw({ state }) {
  if (state === null) return;
  const options = (/** @type {[string, string][]} */ list) =>
    list.map(([value, words]) => h("option", { key: value, value }, words));
  render(byId("task-channel"), options(state.channels.map((name) => [name, name])));
  render(byId("task-workflow"), options(state.workflows.map(({ sid, name }) => [sid, name])));
}

export function start() {
  const channel = /** @type {HTMLSelectElement} */ (byId("task-channel"));
  byId("task-open").addEventListener("click", () => {
    if (channel.querySelector('[value="chat"]')) channel.value = "chat";
  });
  dialog("task", async (form) => {
    const fields = Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
    const { sid } = await twilio("Tasks", fields);
    go({ view: "log", show: "all", search: "", open: sid });
  });
}
