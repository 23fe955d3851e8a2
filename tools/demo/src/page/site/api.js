// @ts-check
/** Requests to the server, and what it says when it refuses one. */

/** An action that was refused: the message is a sentence for people. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {{field?: string, errorType?: string, line?: number, column?: number, isUnreachable?: boolean}} [details]
   */
  constructor(message, details = {}) {
    super(message);
    this.details = details;
  }
}

/** @param {string} path @param {unknown} [body] */
export const post = (path, body = {}) => send("POST", path, JSON.stringify(body));

/** @param {string} path @param {unknown} body */
export const put = (path, body) => send("PUT", path, JSON.stringify(body));

/**
 * As `put`, with a body that is JSON text already, so that its numbers keep their digits.
 *
 * @param {string} path
 * @param {string} body
 */
export const putText = (path, body) => send("PUT", path, body);

/** @param {string} path */
export const remove = (path) => send("DELETE", path, "{}");

/** @param {string} path */
export const get = (path) => send("GET", path);

/**
 * @param {string} method
 * @param {string} path
 * @param {string} [body]
 * @returns {Promise<any>}
 */
async function send(method, path, body) {
  const headers = body === undefined ? undefined : { "Content-Type": "application/json" };
  const response = await fetch(path, { method, headers, body }).catch(() => {
    throw new Refusal("The demo doesn’t answer. Is it still running in your terminal?", { isUnreachable: true });
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new Refusal(answer.error ?? `The demo answered ${response.status}.`, answer);
}
