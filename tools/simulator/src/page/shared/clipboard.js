// @ts-check
/** Buttons that copy a text. */

import { h } from "./dom.js";

/** How long, in milliseconds, a button says that it has copied. */
const SAID = 1500;

/** The handler of a button that copies a text. @param {string} text */
export const copies = (text) => async (/** @type {Event} */ event) => {
  const button = /** @type {HTMLElement} */ (event.currentTarget);
  await navigator.clipboard.writeText(text);
  button.dataset.copied = "true";
  setTimeout(() => delete button.dataset.copied, SAID);
};

/**
 * @param {string} label
 * @param {string} text
 * @param {string} [what] Read out after the label, where several buttons have the same one.
 */
export function copied(label, text, what) {
  return h(
    "button",
    { type: "button", class: "quiet small copy", onclick: copies(text) },
    label,
    what && h("span", { class: "unseen" }, ` ${what}`),
  );
}
