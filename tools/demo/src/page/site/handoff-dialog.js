// @ts-check
/** The form in which the AI says why it hands off, and by which program. */

import { post } from "./api.js";
import { byId } from "./dom.js";
import { fieldOf, onSubmit } from "./forms.js";
import { program } from "./promise.js";

const dialog = /** @type {HTMLDialogElement} */ (byId("handoff-dialog"));
const form = /** @type {HTMLFormElement} */ (byId("handoff-form"));
let taskSid = "";

/** @param {import("./store.js").Task} task */
export function open(task) {
  taskSid = task.sid;
  byId("handoff-heading").textContent = `Hand ${task.customer}’s task off to a human agent`;
  byId("handoff-by-bundle").hidden = program() !== "bundle";
  byId("handoff-by-naive").hidden = program() !== "naive";
  dialog.showModal();
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
