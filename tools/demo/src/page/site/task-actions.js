// @ts-check
/** The actions that the task's present state allows. */

import { post } from "./api.js";
import { byId, h, render } from "./dom.js";
import { attempt } from "./forms.js";
import { open as openHandoff } from "./handoff-dialog.js";
import { holding } from "./journey.js";
import { hasEnded } from "./store.js";
import { goTo } from "./views.js";

/** @typedef {import("./store.js").Task} Task */

/** @param {Task} task */
function possible(task) {
  const reservation = holding(task);
  if (hasEnded(task)) return [action("do-next", "Let a new customer write", () => goTo("queues", "new-customer-name"))];
  if (reservation === null) return [];
  const { sid, workerName: name } = reservation;
  if (reservation.kind === "ai" && reservation.status === "wrapping") return [];
  if (reservation.kind === "ai") {
    return [
      action("do-handoff", "Hand off to a person…", () => openHandoff(task), !task.backAtTheAi),
      action(
        "do-resolve",
        "Let the AI resolve it",
        asked(() => post(`/tasks/${task.sid}/resolve`)),
      ),
    ];
  }
  if (reservation.status === "pending") {
    return [
      action(
        "do-accept",
        `Accept as ${name}`,
        asked(() => post(`/reservations/${sid}/accept`)),
        true,
      ),
      action(
        "do-decline",
        "Decline",
        asked(() => post(`/reservations/${sid}/reject`)),
      ),
    ];
  }
  return reservation.status === "accepted"
    ? [
        action(
          "do-wrap-up",
          `End the chat as ${name}`,
          asked(() => post(`/tasks/${task.sid}/wrap-up`)),
          true,
        ),
      ]
    : [
        action(
          "do-complete",
          `Complete the task as ${name}`,
          asked(() => post(`/tasks/${task.sid}/complete`)),
          true,
        ),
      ];
}

function action(id, text, onclick, primary = false) {
  return h("button", { key: id, id, type: "button", class: primary ? "primary" : null, onclick }, text);
}

/** @param {() => Promise<unknown>} request */
const asked = (request) => (/** @type {Event} */ event) => {
  attempt(/** @type {HTMLElement} */ (event.currentTarget), request, byId("task-refusal"));
};

/** @param {Task} task */
function hint(task) {
  if (task.status === "wrapping" && holding(task)?.kind === "ai")
    return "The AI has resolved it; auto-close completes it.";
  if (holding(task) || hasEnded(task)) return "";
  return "Nobody is available: set a worker’s activity to Available in the queues.";
}

/** @param {import("./store.js").Model} model */
export function draw({ task }) {
  const group = byId("task-actions");
  if (group.dataset.task !== (task?.sid ?? "")) byId("task-refusal").textContent = "";
  group.dataset.task = task?.sid ?? "";
  const hadFocus = group.contains(document.activeElement);
  render(group, task ? [possible(task), hint(task) && h("p", { class: "hint" }, hint(task))] : []);
  // The button that was pressed has done its work and is gone: keep the place.
  if (hadFocus && !group.contains(document.activeElement)) group.focus();
}
