// @ts-check
/** The actions that the task's present state allows. */

import { post } from "./api.js";
import { byId, h, render } from "./dom.js";
import { attempt } from "./forms.js";
import { open as openHandoff } from "./handoff-dialog.js";
import { holding } from "./journey.js";
import { hasEnded } from "./store.js";
import { goTo } from "./views.js";

/** @typedef {import("./store.js").Task} Task @typedef {import("./store.js").Reservation} Reservation */

/** @param {Task} task */
function possible(task) {
  const reservation = holding(task);
  if (hasEnded(task)) return [action("do-next", "Let a new customer write", () => goTo("queues", "new-customer-name"))];
  if (reservation === null) return [];
  return reservation.kind === "ai" ? ofAi(task, reservation) : [ofHuman(task, reservation)];
}

/** @param {Task} task @param {Reservation} reservation */
function ofAi(task, { sid, status }) {
  if (status === "wrapping") return [];
  return [
    action("do-handoff", "Hand off…", () => openHandoff(task), !task.backAtTheAi),
    status === "pending" && action("do-accept-ai", "Accept as the AI", asked(`/reservations/${sid}/accept`)),
    action("do-resolve", "Resolve as the AI", asked(`/tasks/${task.sid}/resolve`)),
  ];
}

/** @param {Task} task @param {Reservation} reservation */
function ofHuman(task, { sid, status, workerName }) {
  if (status === "pending") {
    return [
      action("do-accept", `Accept as ${workerName}`, asked(`/reservations/${sid}/accept`), true),
      action("do-decline", "Decline", asked(`/reservations/${sid}/reject`)),
    ];
  }
  return status === "accepted"
    ? action("do-wrap-up", `End the chat as ${workerName}`, asked(`/tasks/${task.sid}/wrap-up`), true)
    : action("do-complete", `Complete the task as ${workerName}`, asked(`/tasks/${task.sid}/complete`), true);
}

/** @param {string} id @param {string} text @param {(event: Event) => void} onclick @param {boolean} [primary] */
function action(id, text, onclick, primary = false) {
  return h("button", { key: id, id, type: "button", class: primary ? "primary" : null, onclick }, text);
}

/** @param {string} path @returns {(event: Event) => void} */
const asked = (path) => (event) => {
  attempt(/** @type {HTMLElement} */ (event.currentTarget), () => post(path), byId("task-refusal"));
};

/** @param {Task} task */
function hint(task) {
  const holder = holding(task);
  if (task.status === "wrapping" && holder?.kind === "ai") return "The AI has resolved it; auto-close completes it.";
  if (holder || hasEnded(task)) return "";
  if (task.resolved) return "The AI has resolved it; auto-close ends it.";
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
