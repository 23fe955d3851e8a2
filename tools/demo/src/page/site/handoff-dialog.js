// @ts-check
/** The form in which the AI tells why it hands off. */

import { post } from "./api.js";
import { byId } from "./dom.js";
import { fieldOf, onSubmit } from "./forms.js";

const dialog = /** @type {HTMLDialogElement} */ (byId("handoff-dialog"));
const form = /** @type {HTMLFormElement} */ (byId("handoff-form"));
let taskSid = "";

/** @param {import("./store.js").Task} task */
export function open(task) {
  taskSid = task.sid;
  byId("handoff-heading").textContent = `Hand ${task.customer}’s task off to a person`;
  dialog.showModal();
}

export function start() {
  byId("handoff-cancel").addEventListener("click", () => dialog.close());
  onSubmit(
    form,
    () => {
      const value = (/** @type {string} */ name) => fieldOf(form, name).value;
      const [reason, summary, sentiment, language] = ["reason", "summary", "sentiment", "language"].map(value);
      return post(`/tasks/${taskSid}/handoff`, { reason, summary, sentiment, language });
    },
    () => dialog.close(),
  );
}
