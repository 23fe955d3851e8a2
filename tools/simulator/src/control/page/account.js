// @ts-check
/** The address of the API and the credentials. A click copies a value. */

import { copies } from "./clipboard.js";
import { listTasks } from "./credentials.js";
import { byId, h, render } from "./dom.js";

/** @param {import("./store.js").Model} model */
export function draw({ state }) {
  if (state === null) return;
  const account = { ...state, url: location.origin };
  const { url, accountSid, authToken, workspaceSid } = account;
  render(byId("account"), [
    chip("API", url, url),
    chip("Account", accountSid, `${accountSid.slice(0, 5)}…${accountSid.slice(-4)}`),
    chip("Token", authToken, shortened(authToken)),
    chip("Workspace", workspaceSid, `${workspaceSid.slice(0, 5)}…${workspaceSid.slice(-4)}`),
    chip("Try it", listTasks(account), "curl"),
  ]);
}

/** @param {string} token */
const shortened = (token) => (token.length > 16 ? `${token.slice(0, 13)}…` : token);

/** @param {string} name @param {string} value @param {string} shown */
const chip = (name, value, shown) =>
  h(
    "button",
    { key: name, type: "button", class: "chip copy", title: `Copy ${value}`, onclick: copies(value) },
    h("span", { class: "chip-name" }, name),
    h("code", null, shown),
    h("span", { class: "unseen" }, ": copy"),
  );
