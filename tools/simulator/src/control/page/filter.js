// @ts-check
/** Which groups and rows the chosen kind and the search leave. */

/** @typedef {import("./log-tree.js").Entry} Entry @typedef {import("./log-tree.js").Group} Group */

const KINDS = /** @type {Record<string, string>} */ ({
  requests: "request",
  events: "event",
  routes: "route",
  deliveries: "delivery",
});

/** Whether a text has every word of a search. @param {string} text @param {string} search */
export function has(text, search) {
  const lower = text.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

/**
 * The groups with the rows that are wanted. A group whose rows are wanted keeps its request as their heading.
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
    // All that a request caused is shown below it, unless a kind is chosen.
    const isWhole = show === "all" && isWanted(root);
    return { root, rows: isWhole ? rows : found, isWanted: isWanted(root) || found.length > 0 };
  });
  return left.filter((group) => group.isWanted);
}
