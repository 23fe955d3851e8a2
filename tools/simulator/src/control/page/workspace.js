// @ts-check
/** The workers with their activity and load, and the queues. */

import { act } from "./actions.js";
import { addressOf } from "./address.js";
import { twilio } from "./api.js";
import { byId, h, render } from "./dom.js";
import { counted } from "./wording.js";

/** @typedef {import("./store.js").State} State @typedef {import("./store.js").Worker} Worker */

/** @param {import("./store.js").Model} model */
export function draw({ state, place }) {
  if (state === null) return;
  render(byId("workers"), [
    state.workers.map((worker) => workerItem(worker, state, place.open)),
    state.workers.length === 0 && h("li", { key: "none", class: "empty" }, "There are no workers."),
  ]);
  render(byId("queues"), [
    state.queues.map((queue) => queueItem(queue)),
    state.queues.length === 0 && h("li", { key: "none", class: "empty" }, "There are no queues."),
  ]);
}

/** @param {Worker} worker @param {State} state @param {string} open */
function workerItem({ sid, name, available, activitySid, channels }, { activities }, open) {
  const busy = channels.filter((channel) => channel.reservations > 0);
  const load = busy.map((one) => `${one.name} ${one.reservations} of ${one.capacity}`).join(", ");
  return h(
    "li",
    { key: sid, class: "worker", "data-available": available },
    h(
      "a",
      { class: "worker-name", href: addressOf({ open: sid }), "aria-current": sid === open ? "true" : null },
      name,
    ),
    activityChoice(sid, name, activitySid, activities),
    h("span", { class: "aside" }, load || "no tasks"),
  );
}

/**
 * @param {string} sid
 * @param {string} name
 * @param {string} activitySid
 * @param {import("./store.js").Activity[]} activities
 */
export function activityChoice(sid, name, activitySid, activities) {
  const onchange = (/** @type {globalThis.Event} */ event) => {
    const choice = /** @type {HTMLSelectElement} */ (event.currentTarget);
    act(choice, () => twilio(`Workers/${sid}`, { ActivitySid: choice.value })).then((isDone) => {
      if (!isDone) choice.value = activitySid;
    });
  };
  return h(
    "select",
    { class: "small", "aria-label": `Activity of ${name}`, value: activitySid, onchange },
    activities.map((one) => h("option", { key: one.sid, value: one.sid }, one.name)),
  );
}

/** @param {import("./store.js").Queue} queue */
function queueItem({ sid, name, expression, tasks }) {
  return h(
    "li",
    { key: sid, class: "queue" },
    h("a", { class: "worker-name", href: addressOf({ view: "tasks", search: name }) }, name),
    h("span", { class: "aside" }, counted(tasks, "task")),
    h("code", { class: "expression" }, expression || "no expression, so no workers"),
  );
}
