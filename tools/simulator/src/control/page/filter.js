// @ts-check
/** Filters the groups by kind and by search. */

/** @typedef {import("./log-tree.js").Entry} Entry @typedef {import("./log-tree.js").Group} Group */

const KINDS = /** @type {Record<string, string>} */ ({
  requests: "request",
  events: "event",
  routes: "route",
  deliveries: "delivery",
});

/** Whether a text contains every word of a search. @param {string} text @param {string} search */
export function has(text, search) {
  const lower = text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/**
 * The groups with matching rows. The request stays as the heading of the rows that match.
 *
 * @param {Group[]} groups
 * @param {string} show
 * @param {string} search
 */
export function wanted(groups, show, search) {
  const isOfKind = (/** @type {Entry} */ { kind, isProblem }) =>
    show === "problems" ? isProblem : !(show in KINDS) || KINDS[show] === kind;
  const isWanted = (/** @type {Entry} */ entry) => isOfKind(entry) && has(`${entry.text} ${entry.note}`, search);
  const left = groups.map(({ root, rows }) => {
    const found = rows.filter(isWanted);
    // A matching request is shown with all its effects, unless a kind is chosen.
    const isWhole = show === "all" && isWanted(root);
    return { root, rows: isWhole ? rows : found, isWanted: isWanted(root) || found.length > 0 };
  });
  return left.filter((group) => group.isWanted);
}
