// @ts-check
/** The details of a worker: activity, reservations, channels and attributes. */

import { addressOf } from "./address.js";
import { h } from "./dom.js";
import { copiedSid, json, section } from "./parts.js";
import { badge } from "./tasks.js";
import { short } from "./wording.js";
import { activityChoice } from "./workspace.js";

/** @typedef {import("./store.js").State} State @typedef {import("./store.js").Worker} Worker */

/** @param {Worker} worker @param {State} state @returns {import("./entry-detail.js").Detail} */
export function workerDetail(worker, state) {
  const { sid, name, available, activitySid, channels, attributes } = worker;
  const words = available ? "available for tasks" : "not available: TaskRouter offers no tasks";
  return {
    title: name,
    children: [
      h("p", { key: "sid", class: "row" }, copiedSid(sid)),
      h(
        "p",
        { key: "activity", class: "row" },
        activityChoice(sid, name, activitySid, state.activities),
        h("span", { class: "aside" }, words),
      ),
      section("Reservations", reservations(worker, state)),
      section(
        "Channels",
        h(
          "table",
          { class: "channels" },
          h("thead", null, h("tr", null, h("th", null, "Channel"), h("th", null, "Load"), h("th", null, "Capacity"))),
          h(
            "tbody",
            null,
            channels.map((one) =>
              h(
                "tr",
                { key: one.name, "data-busy": one.reservations > 0 },
                h("th", { scope: "row" }, one.name),
                h("td", null, String(one.reservations)),
                h("td", null, one.available ? String(one.capacity) : "off"),
              ),
            ),
          ),
        ),
      ),
      section("Attributes", json(attributes)),
    ],
  };
}

/** @param {Worker} worker @param {State} state */
function reservations({ sid }, { tasks }) {
  const own = tasks.flatMap((task) =>
    task.reservations.filter((one) => one.workerSid === sid).map((one) => ({ task, one })),
  );
  if (own.length === 0) return h("p", { class: "hint" }, "None yet.");
  return h(
    "ol",
    { class: "reservations" },
    own.map(({ task, one }) =>
      h(
        "li",
        { key: one.sid, "data-status": one.status },
        h("a", { href: addressOf({ open: task.sid }) }, `task ${short(task.sid)}`),
        badge(one.status),
      ),
    ),
  );
}
