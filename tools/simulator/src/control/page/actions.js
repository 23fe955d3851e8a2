// @ts-check
/** The work of buttons and forms, with the refusal beside them. */

import { byId } from "./dom.js";
import { Refusal } from "./api.js";

/**
 * Does the work and marks the element as busy meanwhile. A refusal is shown in `refusals`.
 *
 * @param {HTMLElement} element
 * @param {() => Promise<unknown>} work
 * @param {HTMLElement} [refusals]
 * @returns {Promise<boolean>} Whether it was done.
 */
export async function act(element, work, refusals = byId("refusal")) {
  if (element.getAttribute("aria-busy") === "true") return false;
  element.setAttribute("aria-busy", "true");
  refusals.textContent = "";
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refusals.textContent = error.message;
    return false;
  } finally {
    element.removeAttribute("aria-busy");
  }
}

/** The handler of a button. @param {() => Promise<unknown>} work */
export const doing = (work) => (/** @type {Event} */ event) =>
  act(/** @type {HTMLElement} */ (event.currentTarget), work);

/**
 * Connects a dialog with its buttons and its form. The dialog closes when the work is done.
 *
 * @param {string} name The dialog's id is `NAME-dialog`, the buttons' are `NAME-open` and `NAME-cancel`.
 * @param {(form: FormData) => Promise<unknown>} work
 */
export function dialog(name, work) {
  const box = /** @type {HTMLDialogElement} */ (byId(`${name}-dialog`));
  const form = /** @type {HTMLFormElement} */ (box.querySelector("form"));
  const refusals = /** @type {HTMLElement} */ (form.querySelector("[data-refusal]"));
  byId(`${name}-open`).addEventListener("click", () => {
    refusals.textContent = "";
    box.showModal();
  });
  byId(`${name}-cancel`).addEventListener("click", () => box.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await act(form, () => work(new FormData(form)), refusals)) box.close();
  });
}
