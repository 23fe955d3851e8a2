// @ts-check
/** The model of the page: the simulator's state, the place on the page, and the state of the connection. */

/**
 * @typedef {{sid: string, name: string, available: boolean}} Activity
 * @typedef {{name: string, capacity: number, available: boolean, reservations: number}} Channel
 * @typedef {{sid: string, name: string, attributes: string, activity: string | null, activitySid: string,
 *   available: boolean, channels: Channel[]}} Worker
 * @typedef {{sid: string, name: string, expression: string, tasks: number}} Queue
 * @typedef {{sid: string, worker: string, workerSid: string, status: string, created: string, updated: string}} Reservation
 * @typedef {{sid: string, status: string, reason: string | null, attributes: string, channel: string, priority: number,
 *   queue: string | null, workflowSid: string, created: string, updated: string, route: string | null,
 *   reservations: Reservation[]}} Task
 * @typedef {{number: number, micros: number, upstream: string, method: string, path: string, query: string,
 *   status: number | null, milliseconds: number | null, refusal: string | null}} Request
 * @typedef {{sid: string, micros: number, type: string, resourceSid: string, taskSid: string | null, date: string,
 *   request: number | null}} Event
 * @typedef {{number: number, micros: number, taskSid: string, outcome: string, reason: string | null,
 *   request: number | null}} Route
 * @typedef {{number: number, to: "callback" | "sink", micros: number | null, url: string | null,
 *   sinkSid?: string, type: string, eventSid: string | null, state: string, attempts: string[]}} Delivery
 * @typedef {{rule: string, struck: number, left: number | null}} Fault
 * @typedef {{since: string, accountSid: string, authToken: string, workspaceSid: string, aheadSeconds: number,
 *   activities: Activity[], channels: string[], workers: Worker[], queues: Queue[],
 *   workflows: {sid: string, name: string}[], tasks: Task[], requests: Request[], events: Event[], routes: Route[],
 *   deliveries: Delivery[], faults: Fault[]}} State
 * @typedef {{view: string, show: string, search: string, open: string}} Place
 * @typedef {{state: State | null, place: Place, connection: "connecting" | "live" | "lost"}} Model
 */

/** @type {Model} */
const model = { state: null, place: { view: "log", show: "all", search: "", open: "" }, connection: "connecting" };
/** @type {((model: Model) => void)[]} */
const listeners = [];

/** @param {(model: Model) => void} listener Called after every change. */
export function onChange(listener) {
  listeners.push(listener);
}

/** @returns {Model} */
export const current = () => model;

/** @param {State} state */
export function setState(state) {
  model.state = state;
  changed();
}

/** @param {Place} place */
export function setPlace(place) {
  model.place = place;
  changed();
}

/** @param {Model["connection"]} connection */
export function setConnection(connection) {
  if (model.connection === connection) return;
  model.connection = connection;
  changed();
}

/** Draws every part anew. */
export function changed() {
  for (const listener of listeners) listener(model);
}
