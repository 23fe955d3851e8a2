// @ts-check
/** The tasks, each with a headline of its state. */

import { addressOf } from "./address.js";
import { byId, h, render } from "./dom.js";
import { has } from "./filter.js";
import { withoutSids } from "./log-tree.js";
import * as roving from "./roving.js";
import { short } from "./wording.js";

/** @typedef {import("./store.js").Task} Task */

/** @param {import("./store.js").Model} model */
export function draw({ state, place }) {
  if (state === null) return;
  const found = state.tasks.filter((task) => has(textOf(task), place.search));
  render(byId("task-list"), [
    found.map((task) => item(task, place.open)),
    found.length === 0 &&
      h(
        "li",
        { key: "none", class: "empty" },
        state.tasks.length ? `No task contains “${place.search}”.` : "There are no tasks yet.",
      ),
  ]);
  roving.rove(byId("task-list"));
}

/** @param {Task} task */
const textOf = ({ sid, status, queue, attributes, channel, reservations }) =>
  [sid, status, queue, attributes, channel, ...reservations.map(({ worker, sid }) => `${worker} ${sid}`)].join(" ");

/** @param {Task} task @param {string} open */
function item(task, open) {
  const { sid, status, queue, channel } = task;
  return h(
    "li",
    { key: sid },
    h(
      "a",
      { class: "card", "data-row": sid, href: addressOf({ open: sid }), "aria-current": sid === open ? "true" : null },
      h("span", { class: "card-title" }, headline(task)),
      badge(status),
      h("span", { class: "card-line" }, h("code", null, short(sid)), ` ${channel}${queue ? `, queue ${queue}` : ""}`),
    ),
  );
}

/** @param {string} status */
export const badge = (status) => h("span", { class: "badge", "data-status": status }, status);

/** @param {Task} task */
export function headline({ status, reason, queue, route, reservations }) {
  const held = reservations.find((one) => ["accepted", "wrapping"].includes(one.status));
  const [outcome = ""] = (route ?? "").split("\n");
  switch (status) {
    case "assigned":
      return `Accepted by ${held?.worker ?? "a worker"}`;
    case "wrapping":
      return `${held?.worker ?? "The worker"} is wrapping up`;
    case "completed":
      return `Completed: ${reason ?? "no reason"}`;
    case "canceled":
      return `Canceled: ${reason ?? "no reason"}`;
    default:
      return placed(withoutSids(outcome)) || (queue ? `In queue ${queue}` : "Not routed");
  }
}

/** Shortens the sentence that begins the explanation of a route. @param {string} outcome */
function placed(outcome) {
  const offered = /^The task is in (.*) and offered to (.*)\.$/.exec(outcome);
  if (offered) return `Offered to ${offered[2]}`;
  return outcome
    .replace(/^The task /, "")
    .replace(/\.$/, "")
    .replace(/^./, (first) => first.toUpperCase());
}

export function start() {
  roving.start(byId("task-list"));
}
