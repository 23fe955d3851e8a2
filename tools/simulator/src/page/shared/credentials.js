// @ts-check
/** The address and the credentials of the simulated Twilio, with buttons that copy them. */

import { copied } from "./clipboard.js";
import { h } from "./dom.js";

/** @typedef {{url: string, accountSid: string, authToken: string, workspaceSid: string}} Account */

/** @param {Account} account @returns {import("./dom.js").Child[]} The terms of a list. */
export function credentials({ url, accountSid, authToken, workspaceSid }) {
  const fields = [
    ["Base URL", url],
    ["Account SID", accountSid],
    ["Auth token", authToken],
    ["Workspace SID", workspaceSid],
  ];
  return fields.map(([name, value]) =>
    h("div", { key: name }, h("dt", null, name), h("dd", null, h("code", null, value), copied("Copy", value, name))),
  );
}

/** The command that lists the tasks. @param {Account} account */
export const listTasks = ({ url, accountSid, authToken, workspaceSid }) =>
  `curl --user '${accountSid}:${authToken}' \\\n  '${url}/v1/Workspaces/${workspaceSid}/Tasks'`;
