// @ts-check
/** The states of an action: busy, then done or refused, with focus and input kept. */

import { Refusal } from "./api.js";
import { shortened } from "./wording.js";

/**
 * Does something for a control, and shows the refusal, if there is one, in the nearest place for it.
 *
 * @param {HTMLElement} control
 * @param {() => Promise<unknown>} action
 * @param {HTMLElement} [place] Where to show a refusal.
 * @returns {Promise<boolean>} Whether it was done.
 */
export async function attempt(control, action, place = placeNear(control)) {
  if (control.getAttribute("aria-busy") === "true") return false;
  control.setAttribute("aria-busy", "true");
  place.textContent = "";
  try {
    await action();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { errorType } = error.details;
    place.textContent = shortened(errorType ? `${errorType}: ${error.message}` : error.message);
    place.toggleAttribute("data-unreachable", error.details.isUnreachable === true);
    mark(control, error.details.field);
    return false;
  } finally {
    control.removeAttribute("aria-busy");
  }
}

/** Takes back what was said of a demo that didn’t answer: it answers again. */
export function forgetUnreachable() {
  for (const place of document.querySelectorAll("[data-unreachable]")) {
    place.textContent = "";
    place.removeAttribute("data-unreachable");
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {(form: HTMLFormElement) => Promise<unknown>} action
 * @param {() => void} [done]
 */
export function onSubmit(form, action, done) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    if (await attempt(form, () => action(form))) done?.();
  });
}

/** @param {HTMLFormElement} form @param {string} name */
export const fieldOf = (form, name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** @param {HTMLElement} control */
function placeNear(control) {
  const place = control.closest("form, section")?.querySelector("[data-refusal]");
  if (!(place instanceof HTMLElement)) throw new Error("nowhere to show a refusal");
  return place;
}

/** @param {HTMLElement} control @param {string} [field] */
function mark(control, field) {
  if (!field || !(control instanceof HTMLFormElement)) return;
  const element = control.elements.namedItem(field);
  if (element instanceof HTMLElement) element.setAttribute("aria-invalid", "true");
}
