// @ts-check
/** Where a task is on its way from the customer over the AI to a human agent. */

import { byId, h, render } from "./dom.js";
import { icon } from "./icons.js";
import { short, timeOf } from "./wording.js";

/** @typedef {import("./store.js").Task} Task @typedef {import("./store.js").Reservation} Reservation */

/** A reservation that still counts: offered, held, or being wrapped up. */
const LIVING = ["pending", "accepted", "wrapping"];

/** @param {Task} task @returns {Reservation | null} The reservation of whoever has the task now. */
export const holding = (task) => task.reservations.findLast((one) => LIVING.includes(one.status)) ?? null;

/** Whether a handoff has released it, or made it. @param {Task} task */
const wasHandedOff = (task) => task.handoffOf !== null || (task.handoff?.handoffs ?? 0) > 0;

/** @param {Task} task @returns {string} Who has it, in a few words. */
export function whereabouts(task) {
  const reservation = holding(task);
  if (task.handoff?.answer?.newTaskSid && task.handoffOf === null) return "handed off to a new task";
  if (task.resolved && (task.status === "completed" || task.status === "canceled")) return "resolved by the AI";
  if (task.status === "completed") return "completed";
  if (task.status === "canceled") return task.reason ? `canceled: ${task.reason}` : "canceled";
  if (reservation === null) return task.queueName ? `waits in ${task.queueName}` : "in no queue";
  if (reservation.status === "wrapping") return `${reservation.workerName} wraps up`;
  return reservation.status === "accepted" ? `with ${reservation.workerName}` : `offered to ${reservation.workerName}`;
}

/**
 * A station of the way: past, where the task is now, still ahead, or passed over.
 *
 * @typedef {"past" | "now" | "ahead" | "skipped" | "wrong"} StationState
 * @typedef {{name: string, sign: import("./icons.js").Sign, state: StationState, text: string}} Station
 */

/** @param {Task} task @returns {Station[]} */
function stations(task) {
  const now = place(task);
  const [ai, human] = ["ai", "rep"].map((kind) => task.reservations.findLast((one) => one.kind === kind));
  const ended = now === "end";
  return [
    { name: task.customer, sign: "customer", state: "past", text: `wrote at ${timeOf(task.createdAt)}` },
    { name: "AI agent", sign: task.backAtTheAi ? "loop" : "ai", ...aiStation(task, now, ai) },
    { name: "Human agent", sign: "rep", ...humanStation(task, now, human) },
    { name: "Done", sign: "done", state: ended ? "now" : "ahead", text: ended ? whereabouts(task) : "" },
  ];
}

/** @param {Task} task @returns {"ai" | "rep" | "end"} */
function place(task) {
  if (task.status === "completed" || task.status === "canceled") return "end";
  const kind = holding(task)?.kind;
  return kind ?? (wasHandedOff(task) && !task.backAtTheAi ? "rep" : "ai");
}

/** @param {Task} task @param {string} now @param {Reservation} [reservation] @returns {Pick<Station, "state" | "text">} */
function aiStation(task, now, reservation) {
  if (task.backAtTheAi) return { state: "wrong", text: "has it again" };
  if (now === "ai") return { state: "now", text: aiText(task, reservation) };
  if (wasHandedOff(task)) return { state: "past", text: "handed it off" };
  return reservation
    ? { state: "past", text: task.resolved ? "resolved it" : "let it go" }
    : { state: "skipped", text: "not asked" };
}

/** @param {Task} task @param {Reservation} [reservation] */
function aiText(task, reservation) {
  if (!reservation || !holding(task)) return "waits for the AI";
  if (task.status === "wrapping") return "wraps up";
  return reservation.status === "accepted" ? "has accepted it" : "is offered it";
}

/** @param {Task} task @param {string} now @param {Reservation} [reservation] @returns {Pick<Station, "state" | "text">} */
function humanStation(task, now, reservation) {
  if (now === "rep") return { state: "now", text: whereabouts(task) };
  if (now !== "end") return { state: "ahead", text: "" };
  return reservation
    ? { state: "past", text: `${reservation.workerName} had it` }
    : { state: "skipped", text: "not needed" };
}

const SPOKEN = { past: "done", now: "here now", ahead: "still ahead", skipped: "passed over", wrong: "back here" };

/** The task that was drawn, and its station. @type {{sid: string, place: number} | null} */
let drawn = null;

/** @param {import("./store.js").Model} model */
export function draw({ task }) {
  render(byId("task-head"), [
    h("h2", { id: "overview-heading" }, task ? `${task.customer}’s task` : "No task"),
    task && h("span", { class: "status", "data-status": task.status, id: "task-status" }, task.status),
    task && h("span", { class: "aside mono", title: task.sid }, short(task.sid)),
  ]);
  const way = task ? stations(task) : [];
  render(byId("journey"), [
    task
      ? h("ol", { class: "journey", "aria-label": `The way of ${task.customer}’s task` }, way.map(station))
      : h("p", { class: "empty" }, "Let a new customer write."),
    task && h("span", { key: "token", id: "journey-token", "aria-hidden": "true" }, task.customer.slice(0, 1)),
  ]);
  if (task) follow(task, way);
}

/** @param {Station} station */
function station({ name, sign, state, text }) {
  return h(
    "li",
    { class: "station", "data-state": state, "aria-current": state === "now" || state === "wrong" ? "step" : null },
    h("span", { class: "station-sign" }, icon(sign)),
    h("span", { class: "station-name" }, name, h("span", { class: "unseen" }, `, ${SPOKEN[state]}`)),
    h("span", { class: "station-text" }, text),
  );
}

/** Shows the way that the task has just gone. @param {Task} task @param {Station[]} way */
function follow(task, way) {
  const now = way.findIndex(({ state }) => state === "now" || state === "wrong");
  const before = drawn;
  drawn = { sid: task.sid, place: now };
  const isSame = before?.sid === task.sid || before?.sid === task.handoffOf;
  if (!before || !isSame) return;
  const isBack = way[now].state === "wrong" && byId("journey-token").dataset.moved !== "back";
  if (before.place === now && !isBack) return;
  move(before.place, now, isBack);
}

/** @param {number} from @param {number} to @param {boolean} isBack Whether it set out, and came back. */
function move(from, to, isBack) {
  const token = byId("journey-token");
  token.dataset.moved = isBack ? "back" : `${from}-${to}`;
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const at = (/** @type {number} */ place) => `${(place + 0.5) * 25}%`;
  const stops = isBack ? [at(from), at(from + 0.7), at(to)] : [at(from), at(to)];
  token.animate(
    { insetInlineStart: stops, opacity: [0, ...stops.slice(1).map(() => 1), 0] },
    { duration: isBack ? 1400 : 1000, easing: "ease-in-out" },
  );
}
