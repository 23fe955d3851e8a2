// @ts-check
/** The address and the credentials of the simulated Twilio, for a visitor's own programs. */

import { byId, h, render } from "./dom.js";
import { copied } from "./clipboard.js";

const dialog = /** @type {HTMLDialogElement} */ (byId("twilio-dialog"));

/** @param {import("./store.js").Model} model */
export function draw({ state }) {
  if (state === null) return;
  const { url, accountSid, authToken, workspaceSid } = state.twilio;
  const fields = [
    ["Base URL", url],
    ["Account SID", accountSid],
    ["Auth token", authToken],
    ["Workspace SID", workspaceSid],
  ];
  render(
    byId("twilio-fields"),
    fields.map(([name, value]) => field(name, value)),
  );
  const command = `curl --user '${accountSid}:${authToken}' \\\n  '${url}/v1/Workspaces/${workspaceSid}/Tasks'`;
  render(byId("twilio-command"), [h("pre", null, command), copied("Copy the command", command)]);
}

/** @param {string} name @param {string} value */
function field(name, value) {
  return h(
    "div",
    { key: name },
    h("dt", null, name),
    h("dd", null, h("code", null, value), copied("Copy", value, name)),
  );
}

export function start() {
  byId("twilio-open").addEventListener("click", () => dialog.showModal());
  byId("twilio-close").addEventListener("click", () => dialog.close());
}
