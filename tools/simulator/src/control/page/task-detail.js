// @ts-check
/** The details of a task: its route, reservations and attributes, and the actions of a worker or another program. */

import { act, doing } from "./actions.js";
import { addressOf } from "./address.js";
import { twilio } from "./api.js";
import { h } from "./dom.js";
import { copiedSid, json, linked, pairs, section } from "./parts.js";
import { routeLines } from "./route.js";
import { badge, headline } from "./tasks.js";
import { pretty } from "./wording.js";

/** @typedef {import("./store.js").Task} Task @typedef {import("./store.js").Reservation} Reservation */

/** The buttons for a reservation's status, each with the next status. @type {Record<string, [string, string][]>} */
const STEPS = {
  pending: [
    ["Accept", "accepted"],
    ["Reject", "rejected"],
  ],
  accepted: [["Wrap up", "wrapping"]],
  wrapping: [["Complete", "completed"]],
};

/** @param {Task} task @param {import("./store.js").State} state @returns {import("./entry-detail.js").Detail} */
export function taskDetail(task, state) {
  const { sid, status, channel, priority, queue, workflowSid, created, updated, route } = task;
  const workflow = state.workflows.find((own) => own.sid === workflowSid)?.name ?? workflowSid;
  return {
    title: headline(task),
    children: [
      h("p", { key: "status", class: "row" }, badge(status), copiedSid(sid)),
      actions(task),
      section(
        "Why the task is here",
        route === null
          ? h("p", { class: "hint" }, "The task was never routed.")
          : h("div", { class: "route" }, routeLines(route)),
      ),
      section("Reservations", reservations(task)),
      attributes(task),
      section(
        "More",
        pairs([
          ["Queue", queue ?? "none"],
          ["Workflow", workflow],
          ["Channel", channel],
          ["Priority", String(priority)],
          ["Created", created],
          ["Updated", updated],
        ]),
      ),
      h(
        "p",
        { key: "log" },
        h(
          "a",
          { class: "link", href: addressOf({ view: "log", show: "all", search: sid, open: sid }) },
          "Show the task’s requests and events",
        ),
      ),
    ],
  };
}

/** @param {Task} task */
function actions({ sid, status, reservations }) {
  const steps = reservations.flatMap((one) => (STEPS[one.status] ?? []).map(([words, next]) => ({ one, words, next })));
  const isWaiting = ["pending", "reserved"].includes(status);
  if (steps.length === 0 && !isWaiting) return null;
  return h(
    "div",
    { key: "actions", class: "row", role: "group", "aria-label": "What can happen next" },
    steps.map(({ one, words, next }) => step(sid, one, words, next)),
    isWaiting &&
      h(
        "button",
        {
          key: "cancel",
          type: "button",
          class: "quiet",
          onclick: doing(() =>
            twilio(`Tasks/${sid}`, { AssignmentStatus: "canceled", Reason: "canceled in the inspector" }),
          ),
        },
        "Cancel the task",
      ),
  );
}

/** @param {string} taskSid @param {Reservation} reservation @param {string} words @param {string} next */
const step = (taskSid, { sid, worker }, words, next) =>
  h(
    "button",
    {
      key: `${sid} ${next}`,
      type: "button",
      class: next === "accepted" ? "primary" : null,
      onclick: doing(() => twilio(`Tasks/${taskSid}/Reservations/${sid}`, { ReservationStatus: next })),
    },
    `${words} as ${worker}`,
  );

/** @param {Task} task */
function reservations({ reservations }) {
  if (reservations.length === 0) return h("p", { class: "hint" }, "The task was offered to nobody.");
  return h(
    "ol",
    { class: "reservations" },
    reservations.map(({ sid, worker, workerSid, status, updated }) =>
      h(
        "li",
        { key: sid, "data-status": status },
        linked(workerSid, worker),
        badge(status),
        h(
          "span",
          { class: "aside" },
          h("code", { title: sid }, `${sid.slice(0, 2)}…${sid.slice(-4)}`),
          ` ${time(updated)}`,
        ),
      ),
    ),
  );
}

/** @param {string} instant */
const time = (instant) => instant.slice(11, 19);

/** @param {Task} task */
function attributes({ sid, attributes }) {
  const onsubmit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const refusals = /** @type {HTMLElement} */ (form.querySelector("[data-refusal]"));
    const text = String(new FormData(form).get("attributes"));
    act(form, () => twilio(`Tasks/${sid}`, { Attributes: text }), refusals);
  };
  return section(
    "Attributes",
    json(attributes),
    h(
      "details",
      { key: sid },
      h("summary", null, "Change the attributes as another system would"),
      h(
        "form",
        { onsubmit },
        h(
          "textarea",
          { class: "mono", name: "attributes", rows: 6, spellcheck: "false", "aria-label": "Attributes, as JSON" },
          pretty(attributes),
        ),
        h("button", { type: "submit" }, "Save"),
        h("p", { class: "refusal", role: "alert", "data-refusal": "" }),
      ),
    ),
  );
}
