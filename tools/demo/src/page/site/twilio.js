// @ts-check
/** The address and the credentials of the simulated Twilio, for a visitor's own programs. */

import { copied } from "./clipboard.js";
import { credentials, listTasks } from "./credentials.js";
import { byId, h, render } from "./dom.js";

const dialog = /** @type {HTMLDialogElement} */ (byId("twilio-dialog"));

/** @param {import("./store.js").Model} model */
export function draw({ state }) {
  if (state === null) return;
  render(byId("twilio-fields"), credentials(state.twilio));
  const command = listTasks(state.twilio);
  render(byId("twilio-command"), [h("pre", null, command), copied("Copy the command", command)]);
}

export function start() {
  byId("twilio-open").addEventListener("click", () => dialog.showModal());
  byId("twilio-close").addEventListener("click", () => dialog.close());
}
