// @ts-check
/** The meaning of a timeline entry, in plain words. */

import { isProblem, isRead, isStart } from "./timeline-tree.js";
import { counted, shortened } from "./wording.js";

/** @typedef {import("./store.js").Entry} Entry */

/** @type {Record<string, string>} */
const EVENTS = {
  "task.created": "there is a new task",
  "task.updated": "the task’s attributes changed",
  "task.canceled": "the task is canceled",
  "task.wrapup": "the chat is over, the task wraps up",
  "task.completed": "the task is done",
  "task.deleted": "the task is deleted",
  "task.system-deleted": "the task is deleted by TaskRouter",
  "reservation.created": "the task is offered to a worker",
  "reservation.accepted": "the worker takes the task",
  "reservation.rejected": "the worker lets the task go",
  "reservation.timeout": "the worker didn’t answer in time",
  "reservation.canceled": "the offer is withdrawn",
  "reservation.rescinded": "somebody else took the task",
  "reservation.wrapup": "the worker wraps up",
  "reservation.completed": "the worker is done",
  "task-queue.entered": "the task comes into a queue",
  "task-queue.moved": "the task goes to another queue",
  "task-queue.timeout": "the task waited too long in a queue",
  "workflow.entered": "the task comes into the workflow",
  "workflow.target-matched": "a filter of the workflow matches",
  "workflow.timeout": "the task waited too long in the workflow",
  "workflow.skipped": "a target of the workflow is passed over",
};

/** The meaning of an event, if it is known. @param {Entry} entry */
export const meaning = (entry) => (entry.kind === "event" ? (EVENTS[entry.title] ?? "") : "");

/** @param {Entry} entry */
export function heading(entry) {
  if (entry.kind === "action") return entry.title;
  if (entry.kind === "delivery") return `${entry.to} receives it`;
  if (entry.kind === "invocation") return `${entry.to} is invoked`;
  return entry.title || `${entry.from} → ${entry.to}`;
}

/** A summary of a group, in one line. @param {{entry: Entry}[]} rows */
export function summary(rows) {
  const count = (/** @type {string} */ kind) => rows.filter(({ entry }) => entry.kind === kind).length;
  const kinds = ["invocation", "event", "request"];
  const deliveries = count("delivery");
  const told = kinds.filter((kind) => count(kind) > 0).map((kind) => counted(count(kind), kind));
  return [...told, ...(deliveries > 0 ? [counted(deliveries, "webhook call")] : [])].join(" · ");
}

/** The changes that the functions made, each once. @param {{entry: Entry}[]} rows */
export function changes(rows) {
  const done = rows.filter(
    ({ entry }) => entry.kind === "request" && !isStart(entry) && !isRead(entry) && entry.outcome === "ok",
  );
  return [...new Set(done.map(({ entry }) => entry.title).filter((words) => words !== ""))];
}

/** Every problem once, in a few words. @param {Entry[]} entries */
export function problems(entries) {
  return [...new Set(entries.filter(isProblem).map(problem))];
}

/** @param {Entry} entry */
function problem(entry) {
  if (entry.problem !== null) return shortened(entry.problem);
  if (entry.kind === "invocation") return `${entry.to} answered with an error`;
  return entry.status === null ? `${entry.to} didn’t answer` : `${entry.to} answered ${entry.status} to ${entry.from}`;
}
