// @ts-check
/** The record in groups: a request, and below it the events, routes and deliveries that followed. */

import { short, shortened } from "./wording.js";

/**
 * @typedef {import("./store.js").State} State
 * @typedef {"request" | "event" | "route" | "delivery" | "timer"} Kind
 * @typedef {{id: string, kind: Kind, micros: number, depth: number, title: string, note: string, status: string,
 *   milliseconds: number | null, isProblem: boolean, text: string, taskSid: string | null, source: any}} Entry
 * @typedef {{root: Entry, rows: Entry[]}} Group
 * @typedef {{request: number | null, rows: Entry[]}} Effect An event with its deliveries, or a route.
 */

/** The largest distance in microseconds between two effects of one timer. */
const TOGETHER = 20_000;

/** The groups, the newest first; in each, the rows in the order of time. @param {State} state @returns {Group[]} */
export function groups(state) {
  const ofRequest = new Map(
    state.requests.map((own) => [own.number, { root: request(own, state), effects: /** @type {Effect[]} */ ([]) }]),
  );
  const oldest = state.requests.at(-1)?.number ?? 0;
  /** @type {Effect[]} */
  const causeless = [];
  for (const effect of effects(state)) {
    const group = effect.request === null ? undefined : ofRequest.get(effect.request);
    if (group) group.effects.push(effect);
    // The request of an older entry is no longer shown.
    else if (effect.request === null || effect.request > oldest) causeless.push(effect);
  }
  const all = [...ofRequest.values(), ...runs(causeless)];
  all.sort((one, other) => other.root.micros - one.root.micros);
  return all.map(({ root, effects }) => ({ root, rows: effects.flatMap(({ rows }) => rows) }));
}

/**
 * The events, each with its deliveries, and the routes, in the order of time.
 *
 * @param {State} state
 * @returns {Effect[]}
 */
function effects({ events, routes, deliveries }) {
  const ofEvent = Map.groupBy(deliveries.toReversed(), ({ eventSid }) => eventSid);
  const sent = (/** @type {import("./store.js").Event} */ own) => ofEvent.get(own.sid) ?? [];
  const all = [
    ...events.toReversed().map((own) => ({
      request: own.request,
      rows: [event(own), ...sent(own).map((one) => delivery(one, own))],
    })),
    ...routes.toReversed().map((own) => ({ request: own.request, rows: [route(own)] })),
  ];
  return all.sort((one, other) => one.rows[0].micros - other.rows[0].micros);
}

/** @param {Effect[]} effects In the order of time. */
function runs(effects) {
  /** @type {{root: Entry, effects: Effect[]}[]} */
  const found = [];
  let last = -Infinity;
  for (const effect of effects) {
    const [first] = effect.rows;
    if (first.micros - last > TOGETHER) found.push({ root: timer(first), effects: [] });
    found.at(-1)?.effects.push(effect);
    last = first.micros;
  }
  return found;
}

/** @param {Entry} first @returns {Entry} */
const timer = ({ id, micros, taskSid }) => ({
  ...entryOf("timer", `timer-${id}`, micros, 0, taskSid),
  title: "No request",
  note: "caused by a timer or by the answer to an assignment callback",
});

/** @param {Kind} kind @param {string} id @param {number} micros @param {number} depth @param {string | null} taskSid */
const entryOf = (kind, id, micros, depth, taskSid) => ({
  ...{ id, kind, micros, depth, taskSid, title: "", note: "", status: "", text: "", source: null },
  milliseconds: /** @type {number | null} */ (null),
  isProblem: false,
});

/** @param {import("./store.js").Request} own @param {State} state @returns {Entry} */
function request(own, state) {
  const { number, micros, method, path, query, status, milliseconds, refusal, upstream } = own;
  const taskSid = /\bWT[0-9a-f]{32}\b/.exec(path)?.[0] ?? null;
  return {
    ...entryOf("request", `request-${number}`, micros, 0, taskSid),
    title: shortened(path.replace(`/v1/Workspaces/${state.workspaceSid}`, "…")),
    note: refusal === null ? "" : withoutPath(refusal),
    status: status === null ? "no answer" : String(status),
    milliseconds,
    isProblem: status === null ? milliseconds !== null : status >= 400,
    text: [method, path, query, status, refusal, upstream].join(" "),
    source: own,
  };
}

/** Leaves out the path in the refusal of a resource that is not simulated. @param {string} refusal */
const withoutPath = (refusal) =>
  refusal.replace(/The requested resource \S+ was not found\. (Not simulated: .*)\. See .*/, "$1");

/** @param {import("./store.js").Event} own @returns {Entry} */
const event = (own) => ({
  ...entryOf("event", `event-${own.sid}`, own.micros, 1, own.taskSid),
  title: own.type,
  note: short(own.resourceSid),
  status: short(own.sid),
  text: [own.type, own.sid, own.resourceSid, own.taskSid].join(" "),
  source: own,
});

/** @param {import("./store.js").Route} own @returns {Entry} */
const route = (own) => ({
  ...entryOf("route", `route-${own.number}`, own.micros, 1, own.taskSid),
  title: withoutSids(own.outcome),
  note: withoutSids(own.reason ?? ""),
  text: [own.outcome, own.reason, own.taskSid].join(" "),
  source: own,
});

/**
 * @param {import("./store.js").Delivery} own
 * @param {import("./store.js").Event} event
 * @returns {Entry}
 */
const delivery = (own, event) => ({
  ...entryOf("delivery", `${own.to}-${own.number}`, own.micros ?? event.micros, 2, event.taskSid),
  title: `${own.to === "sink" ? "sink" : "callback"} ${(own.url ?? "that is gone").replace(/^https?:\/\//, "").replace(/#.*/, "")}`,
  note: own.type,
  status: counted(own.attempts) || own.state,
  isProblem: ["failed", "dropped", "given up"].includes(own.state),
  text: [own.type, own.url, own.state, own.eventSid, ...own.attempts].join(" "),
  source: own,
});

/** `not connected ×6`. @param {string[]} outcomes */
export function counted(outcomes) {
  const runsOf = Map.groupBy(outcomes, (outcome) => outcome);
  return [...runsOf].map(([outcome, all]) => (all.length > 1 ? `${outcome} ×${all.length}` : outcome)).join(", ");
}

/** @param {string} text */
export const withoutSids = (text) => text.replaceAll(/ \([A-Z]{2}[0-9a-f]{32}\)/g, "");
