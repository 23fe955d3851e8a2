// @ts-check
/** The timeline's entries, each under what it came from. */

/**
 * @typedef {import("./store.js").Entry} Entry
 * @typedef {{root: Entry, rows: {entry: Entry, depth: number}[]}} Group What somebody did, and what it set off.
 */

/**
 * @param {Entry[]} entries In the order of their moments.
 * @returns {Group[]} The newest first.
 */
export function groups(entries) {
  const ids = new Set(entries.map((entry) => entry.id));
  /** @type {Map<number, Entry[]>} */
  const effects = new Map();
  const roots = [];
  for (const entry of entries) {
    // The oldest entries are dropped, so that a cause may be missing.
    if (entry.cause === null || !ids.has(entry.cause)) roots.push(entry);
    else effects.set(entry.cause, [...(effects.get(entry.cause) ?? []), entry]);
  }
  return together(roots.map((root) => ({ root, rows: rowsOf(root, effects) }))).reverse();
}

/** The requests of functions at their start have no cause, and are many: one group. @param {Group[]} groups */
function together(groups) {
  /** @type {Group[]} */
  const out = [];
  for (const group of groups) {
    const last = out.at(-1);
    if (last && isStart(last.root) && isStart(group.root)) last.rows.push(...group.rows);
    else out.push(group);
  }
  return out;
}

/** Whether it is what a function asks for at its start. @param {Entry} entry */
export const isStart = (entry) =>
  entry.kind === "request" && entry.cause === null && (entry.method === "HEAD" || entry.to === "Secrets Manager");

/** @param {Entry} root @param {Map<number, Entry[]>} effects */
function rowsOf(root, effects) {
  // An action is the group's heading; anything else is a row, too.
  const first = root.kind === "action" ? (effects.get(root.id) ?? []) : [root];
  const waiting = first.map((entry) => ({ entry, depth: 0 })).reverse();
  const rows = [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    rows.push(next);
    const { depth } = next;
    const under = (effects.get(next.entry.id) ?? []).map((entry) => ({ entry, depth: depth + 1 }));
    waiting.push(...under.reverse());
  }
  return rows;
}

/** @param {Entry} entry */
export const isProblem = (entry) => entry.outcome === "refused" || entry.outcome === "failed";

/** A request that changes nothing. @param {Entry} entry */
export const isRead = (entry) => entry.method === "GET" || entry.method === "HEAD";

/** Events that only say once more what another one tells, and are left out of the story. */
const QUIET = /^(workflow|worker|task-queue\.expression|task-channel|activity|workspace)\b/;

/**
 * The rows that tell the story: who was told what, and what they changed; not what a function does at its start, which
 * nothing has caused. Whatever went wrong is part of it, and so is everything that something of the story came from.
 *
 * @param {Group["rows"]} rows
 */
export function story(rows) {
  return withCauses(rows, ({ entry }) => {
    if (isProblem(entry) || entry.outcome === "pending") return true;
    if (entry.kind === "request") return !isStart(entry) && !isRead(entry);
    if (entry.kind === "event") return !QUIET.test(entry.title);
    return entry.kind !== "delivery";
  });
}

/**
 * The rows that are wanted, and those that they came from.
 *
 * @param {Group["rows"]} rows
 * @param {(row: Group["rows"][0]) => boolean} isWanted
 */
export function withCauses(rows, isWanted) {
  const kept = new Set();
  for (const row of [...rows].reverse()) {
    if (!kept.has(row.entry.id) && !isWanted(row)) continue;
    kept.add(row.entry.id);
    if (row.entry.cause !== null) kept.add(row.entry.cause);
  }
  return rows.filter((row) => kept.has(row.entry.id));
}
