// @ts-check
/** A new world, after a question. */

import { post } from "./api.js";
import { byId } from "./dom.js";
import { onSubmit } from "./forms.js";

export function start() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("reset-dialog"));
  byId("reset").addEventListener("click", () => dialog.showModal());
  byId("reset-cancel").addEventListener("click", () => dialog.close());
  onSubmit(
    /** @type {HTMLFormElement} */ (byId("reset-form")),
    () => post("/reset"),
    () => dialog.close(),
  );
}
