// @ts-check
/** The page's state: the world, the selected task, and whether the connection is live. */

/**
 * @typedef {{sid: string, worker: string, workerName: string, kind: "ai" | "rep", status: string,
 *   createdAt: string}} Reservation
 * @typedef {{sid: string, index: number, author: string, from: "customer" | "ai" | "rep" | "note" | "system",
 *   body: string, at: string}} Message
 * @typedef {{name: string, value: string, handoff: boolean}} Attribute
 * @typedef {{key: string, value: string, changedAt: string | null}} Datum
 * @typedef {{at: string, answer?: any, error?: string, errorType?: string, program: "bundle" | "naive",
 *   handoffs: number, repeats: number, kept: number, lost: string[], notes: number}} Handoff
 * @typedef {{until: string, receives: number, inFlight: boolean}} Waiting
 * @typedef {{sid: string, customer: string, status: string, queue: string | null, queueName: string | null,
 *   priority: number, createdAt: string, reason: string | null, reservations: Reservation[], attributes: Attribute[],
 *   conversation: {sid: string, state: string, messages: Message[]} | null,
 *   session: {id: string, customData: Datum[], agrees: boolean, waiting: Waiting | null} | null,
 *   handoff: Handoff | null, handoffOf: string | null, suggestion: Record<string, string> | null,
 *   resolved: boolean, backAtTheAi: boolean, route: string | null}} Task
 * @typedef {{id: number, kind: "action" | "event" | "delivery" | "invocation" | "request", at: string,
 *   ms: number | null, from: string, to: string, title: string, method: string | null, path: string | null,
 *   status: number | null, outcome: string, problem: string | null, task: string | null, cause: number | null}} Entry
 * @typedef {{sid: string, name: string, tasks: string[], workers: string[]}} Queue
 * @typedef {{sid: string, name: string, kind: "ai" | "rep", activity: string, available: boolean}} Worker
 * @typedef {{queue: string, function: string, waiting: number, inFlight: number}} QueueDepth
 * @typedef {{world: string, now: string, queues: Queue[], workers: Worker[], activities: string[], tasks: Task[],
 *   workflow: {text: string, handoffFirst: boolean | null},
 *   faults: {upstream: string, status: number, left: number}[], sessionApi: {up: boolean}, messages: QueueDepth[],
 *   twilio: {url: string, accountSid: string, authToken: string, workspaceSid: string}, timeline: Entry[]}} State
 * @typedef {{state: State | null, task: Task | null, connection: "connecting" | "live" | "lost"}} Model
 */

/** @type {Model} */
const model = { state: null, task: null, connection: "connecting" };
let selected = "";
/** @type {((model: Model) => void)[]} */
const listeners = [];

/** @param {(model: Model) => void} listener Called after every change, and not before the first one. */
export function onChange(listener) {
  listeners.push(listener);
}

/** @returns {Model} */
export const current = () => model;

/** @returns {string} The SID of the selected task, or an empty string if none was selected yet. */
export const selection = () => selected;

/** @param {State} state */
export function setState(state) {
  const before = model.state;
  if (before && before.world !== state.world) selected = "";
  // An accepted task is handed off by a new one. Whoever looks at the old one wants to see where it goes.
  const successor = state.tasks.find((task) => task.handoffOf !== null && task.handoffOf === selected);
  const isNew = before?.tasks.every((task) => task.sid !== successor?.sid);
  if (successor && isNew) selected = successor.sid;
  model.state = state;
  model.connection = "live";
  changed();
}

/** @param {Model["connection"]} connection */
export function setConnection(connection) {
  if (model.connection === connection) return;
  model.connection = connection;
  changed();
}

/** @param {string} sid The task to look at, perhaps one that the next state will hold. */
export function select(sid) {
  selected = sid;
  changed();
}

/** Tells every part, also of changes that only this page knows. */
export function changed() {
  const tasks = model.state?.tasks ?? [];
  // The selected task may not be there yet, or no longer.
  model.task = tasks.find((task) => task.sid === selected) ?? newest(tasks);
  if (selected === "" && model.task) selected = model.task.sid;
  for (const listener of listeners) listener(model);
}

/** @param {Task[]} tasks */
function newest(tasks) {
  const byAge = [...tasks].sort((one, other) => other.createdAt.localeCompare(one.createdAt));
  return byAge.find((task) => !hasEnded(task)) ?? byAge[0] ?? null;
}

/** @param {Task} task */
export const hasEnded = (task) => task.status === "completed" || task.status === "canceled";
