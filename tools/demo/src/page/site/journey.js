// @ts-check
/** Where a task is on its way from the customer over the AI to a person. */

import { byId, h, render } from "./dom.js";
import { icon } from "./icons.js";
import { short, timeOf } from "./wording.js";

/** @typedef {import("./store.js").Task} Task @typedef {import("./store.js").Reservation} Reservation */

/** A reservation that still counts: offered, held, or being wrapped up. */
const LIVING = ["pending", "accepted", "wrapping"];

/** @param {Task} task @returns {Reservation | null} The reservation of whoever has the task now. */
export const holding = (task) => task.reservations.findLast((one) => LIVING.includes(one.status)) ?? null;

/** @param {Task} task */
const isHandedOff = (task) => task.attributes.some((one) => one.name === "handedOff" && one.value === "true");

/** @param {Task} task @returns {string} Who has it, in a few words. */
export function whereabouts(task) {
  const reservation = holding(task);
  if (task.status === "completed") return "completed";
  if (task.status === "canceled") return task.reason ? `canceled: ${task.reason}` : "canceled";
  if (reservation === null) return task.queueName ? `waits in ${task.queueName}` : "in no queue";
  if (reservation.status === "wrapping") return `${reservation.workerName} wraps up`;
  if (reservation.kind === "ai") return `with ${reservation.workerName}`;
  return reservation.status === "accepted" ? `with ${reservation.workerName}` : `offered to ${reservation.workerName}`;
}

/**
 * The stations of the way: each is past, where the task is now, still ahead, or passed over.
 *
 * @param {Task} task
 * @returns {{name: string, sign: any, state: "past" | "now" | "ahead" | "skipped" | "wrong", text: string}[]}
 */
function stations(task) {
  const now = place(task);
  const [ai, rep] = ["ai", "rep"].map((kind) => task.reservations.findLast((one) => one.kind === kind));
  const ended = now === "end";
  const arrived = {
    name: task.customer,
    sign: "customer",
    state: /** @type {const} */ ("past"),
    text: `wrote at ${timeOf(task.createdAt)}`,
  };
  return [
    arrived,
    { name: "AI", sign: task.backAtTheAi ? "loop" : "ai", ...aiStation(task, now, ai) },
    { name: "Person", sign: "rep", ...repStation(task, now, rep) },
    { name: "Done", sign: "done", state: ended ? "now" : "ahead", text: ended ? whereabouts(task) : "" },
  ];
}

/** @param {Task} task @returns {"ai" | "rep" | "end"} */
function place(task) {
  if (task.status === "completed" || task.status === "canceled") return "end";
  const kind = holding(task)?.kind;
  return kind ?? (isHandedOff(task) && !task.backAtTheAi ? "rep" : "ai");
}

/** @param {Task} task @param {string} now @param {Reservation} [reservation] */
function aiStation(task, now, reservation) {
  if (task.backAtTheAi) return { state: /** @type {const} */ ("wrong"), text: "has it again" };
  if (now === "ai") return { state: /** @type {const} */ ("now"), text: aiText(task, reservation) };
  if (!reservation) return { state: /** @type {const} */ ("skipped"), text: "not asked" };
  return { state: /** @type {const} */ ("past"), text: isHandedOff(task) ? "handed it off" : "resolved it" };
}

/** @param {Task} task @param {Reservation} [reservation] */
function aiText(task, reservation) {
  if (!reservation) return "waits for the AI";
  return task.status === "wrapping" ? "wraps up" : "has the task";
}

/** @param {Task} task @param {string} now @param {Reservation} [reservation] */
function repStation(task, now, reservation) {
  if (now === "rep") return { state: /** @type {const} */ ("now"), text: whereabouts(task) };
  if (now === "end" && !reservation) return { state: /** @type {const} */ ("skipped"), text: "not needed" };
  return now === "end"
    ? { state: /** @type {const} */ ("past"), text: `${reservation?.workerName} had it` }
    : { state: /** @type {const} */ ("ahead"), text: "" };
}

const SPOKEN = { past: "done", now: "here now", ahead: "still ahead", skipped: "passed over", wrong: "back here" };

/** @param {import("./store.js").Model} model */
export function draw({ task }) {
  render(byId("task-head"), [
    h("h2", { id: "overview-heading" }, task ? `${task.customer}’s task` : "No task"),
    task && h("span", { class: "status", "data-status": task.status, id: "task-status" }, task.status),
    task && h("span", { class: "aside mono", title: task.sid }, short(task.sid)),
  ]);
  render(byId("journey"), [
    task
      ? h("ol", { class: "journey", "aria-label": `The way of ${task.customer}’s task` }, stations(task).map(station))
      : h("p", { class: "empty" }, "Let a new customer write."),
  ]);
}

function station({ name, sign, state, text }) {
  return h(
    "li",
    { class: "station", "data-state": state, "aria-current": state === "now" || state === "wrong" ? "step" : null },
    h("span", { class: "station-sign" }, icon(sign)),
    h("span", { class: "station-name" }, name, h("span", { class: "unseen" }, `, ${SPOKEN[state]}`)),
    h("span", { class: "station-text" }, text),
  );
}
