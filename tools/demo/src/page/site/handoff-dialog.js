// @ts-check
/** The form in which the AI says why it hands off, and by which program. */

import { post } from "./api.js";
import { byId } from "./dom.js";
import { fieldOf, onSubmit } from "./forms.js";
import { program } from "./promise.js";

const dialog = /** @type {HTMLDialogElement} */ (byId("handoff-dialog"));
const form = /** @type {HTMLFormElement} */ (byId("handoff-form"));
let taskSid = "";

/** @typedef {import("./store.js").Task} Task */

/** @param {Task} task */
export function open(task) {
  if (task.sid !== taskSid) fill(task.suggestion);
  taskSid = task.sid;
  byId("handoff-heading").textContent = `Hand ${task.customer}’s task off to a human agent`;
  byId("handoff-by-bundle").hidden = program() !== "bundle";
  byId("handoff-by-naive").hidden = program() !== "naive";
  dialog.showModal();
}

/** Begins with the example's reasons, or with those in the visitor's file. @param {Task["suggestion"]} suggestion */
function fill(suggestion) {
  form.reset();
  const sentiment = suggestion?.sentiment ?? "";
  const isOther = !["", "positive", "neutral", "negative"].includes(sentiment);
  const other = byId("handoff-sentiment-other");
  other.hidden = !isOther;
  /** @type {HTMLInputElement} */ (other.querySelector("input")).value = isOther ? sentiment : "";
  /** @type {HTMLElement} */ (other.querySelector("span")).textContent = sentiment;
  for (const [name, value] of Object.entries(suggestion ?? {})) fieldOf(form, name).value = value;
}

/** What the form says. */
function reasons() {
  const value = (/** @type {string} */ name) => fieldOf(form, name).value;
  const [reason, summary, sentiment, language] = ["reason", "summary", "sentiment", "language"].map(value);
  return { reason, summary, sentiment, language };
}

export function start() {
  byId("handoff-cancel").addEventListener("click", () => dialog.close());
  onSubmit(
    form,
    () => post(`/tasks/${taskSid}/handoff`, { ...reasons(), program: program() }),
    () => {
      dialog.close();
      // The button that opened it is gone with the AI's reservation: keep the place.
      byId("task-actions").focus();
    },
  );
}
