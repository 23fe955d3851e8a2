// @ts-check
/** Requests to the simulator's own paths and to Twilio's API. */

import { current } from "./store.js";

/** A request that was refused: the message is a sentence for people. */
export class Refusal extends Error {}

/** @param {string} path @param {object} [body] */
export const post = (path, body = {}) => send(path, { method: "POST", body: JSON.stringify(body) });

/** @param {string} path */
export const remove = (path) => send(path, { method: "DELETE" });

/** @param {string} path @returns {Promise<any>} */
export const get = async (path) => (await send(path, {})).json();

/**
 * Sends a form to Twilio's API. The log shows the request like any other.
 *
 * @param {string} path Below the workspace.
 * @param {Record<string, string>} fields
 * @returns {Promise<any>}
 */
export async function twilio(path, fields) {
  const { state } = current();
  if (state === null) throw new Refusal("The simulator hasn’t answered yet.");
  const authorization = `Basic ${btoa(`${state.accountSid}:${state.authToken}`)}`;
  const answer = await send(`/v1/Workspaces/${state.workspaceSid}/${path}`, {
    method: "POST",
    headers: { Authorization: authorization },
    body: new URLSearchParams(fields),
  });
  return answer.json();
}

/** @param {string} path @param {RequestInit} request */
async function send(path, request) {
  const answer = await fetch(path, request).catch(() => {
    throw new Refusal("The simulator doesn’t answer. Is it still running in your terminal?");
  });
  if (answer.ok) return answer;
  const text = await answer.text();
  throw new Refusal(messageIn(text) || `The simulator answered ${answer.status}.`);
}

/** Twilio's message in a refusal, or the text itself. @param {string} text */
function messageIn(text) {
  try {
    const { code, message } = JSON.parse(text);
    return `${code}: ${message}`;
  } catch {
    return text.trim();
  }
}
