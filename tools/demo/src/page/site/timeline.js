// @ts-check
/** The timeline: what somebody did, and under it all that it set off. The newest is on top. */

import { byId, h, render } from "./dom.js";
import { icon } from "./icons.js";
import * as roving from "./roving.js";
import { changed } from "./store.js";
import { described, forget, load } from "./timeline-details.js";
import { groups, isProblem, isStart, story, withCauses } from "./timeline-tree.js";
import { changes, heading, meaning, problems, summary } from "./timeline-words.js";
import { counted, duration, timeOf } from "./wording.js";

/** @typedef {import("./store.js").Entry} Entry @typedef {import("./timeline-tree.js").Group} Group */

/** How many groups are shown at once; more are asked for by a button. */
const STEP = 30;
/** How many different problems a group names. Its rows have the rest. */
const PROBLEMS = 3;

const scroll = byId("timeline-scroll");
const mine = /** @type {HTMLInputElement} */ (byId("timeline-mine"));
/** @type {Set<number>} Groups that are folded. */
const folded = new Set();
/** @type {Set<number>} Groups of which everything is shown. */
const whole = new Set();
/** @type {Set<number>} Entries whose details are shown. */
const open = new Set();
let limit = STEP;
/** When each entry was that has been drawn. @type {Map<number, string>} */
let drawn = new Map();
let unseen = 0;

/** @param {import("./store.js").Model} model */
export function draw({ state, task }) {
  if (state === null) return;
  if (state.timeline.some((entry) => drawn.has(entry.id) && drawn.get(entry.id) !== entry.at)) startOver();
  const all = groups(state.timeline).filter((group) => !mine.checked || concerns(group, task?.sid));
  const wanted = all.filter(isWanted);
  const fresh = drawn.size === 0 ? 0 : wanted.filter((group) => !drawn.has(group.root.id)).length;
  unseen = isReading() ? unseen + fresh : 0;
  drawn = new Map(state.timeline.map((entry) => [entry.id, entry.at]));
  keepPlace(() =>
    render(byId("timeline-list"), [
      wanted.slice(0, limit).map(groupItem),
      wanted.length === 0 &&
        h(
          "li",
          { key: "empty", class: "empty" },
          shown() === "problems" ? "Nothing went wrong." : "Nothing has happened yet.",
        ),
      wanted.length > limit &&
        h(
          "li",
          { key: "more" },
          h("button", { type: "button", "data-row": "more", onclick: showMore }, "Show older ones"),
        ),
    ]),
  );
  roving.rove(byId("timeline-list"));
  const newer = byId("timeline-newer");
  newer.hidden = unseen === 0;
  newer.textContent = `${unseen} newer ↑`;
}

/** @returns {{show: string, mine: boolean}} */
export const filter = () => ({ show: shown(), mine: mine.checked });

/** @param {{show: string, mine: boolean}} filter */
export function setFilter({ show, mine: isMine }) {
  const choice = byId("timeline-filter").querySelector(`input[value="${CSS.escape(show)}"]`);
  if (choice instanceof HTMLInputElement) choice.checked = true;
  mine.checked = isMine;
}

/** @returns {string} */
function shown() {
  return byId("timeline-filter").querySelector("input:checked")?.getAttribute("value") ?? "story";
}

/** @param {Group} group @param {string} [sid] */
const concerns = (group, sid) => group.root.task === sid || group.rows.some((row) => row.entry.task === sid);

/** @param {Group} group */
function isWanted({ root, rows }) {
  const entries = [root, ...rows.map((row) => row.entry)];
  if (shown() === "problems") return entries.some(isProblem);
  return shown() === "everything" || root.kind === "action" || story(rows).length > 0;
}

/** Another world has begun, in which the same numbers mean other things. */
function startOver() {
  for (const ids of [folded, whole, open]) ids.clear();
  forget();
  drawn = new Map();
}

/** Somebody who has scrolled, or is at what was opened, is reading. */
const isReading = () =>
  scroll.scrollTop > 4 || (open.size > 0 && byId("timeline-list").matches(":hover, :focus-within"));

/** Keeps the visible entries in place when newer ones come above them. @param {() => void} draw */
function keepPlace(draw) {
  const anchor = isReading()
    ? [...byId("timeline-list").children].find(
        (item) => item.getBoundingClientRect().bottom > scroll.getBoundingClientRect().top,
      )
    : null;
  const before = anchor?.getBoundingClientRect().top ?? 0;
  draw();
  if (anchor?.isConnected) scroll.scrollTop += anchor.getBoundingClientRect().top - before;
}

/** @param {Group} group */
function groupItem({ root, rows }) {
  const entries = rows.map((row) => row.entry);
  const isFolded = folded.has(root.id);
  const all = [root, ...entries.filter((entry) => entry !== root)];
  const count = all.filter(isProblem).length;
  return h(
    "li",
    { key: root.id, class: "group", "data-group": String(root.id), "data-kind": root.kind },
    h(
      "h3",
      { class: "group-head" },
      h(
        "button",
        {
          type: "button",
          class: "group-fold",
          "data-row": `group ${root.id}`,
          "aria-expanded": String(!isFolded),
          onclick: () => toggle(folded, root.id),
        },
        h("span", { class: "group-sign" }, icon(root.kind)),
        h("span", { class: "group-title" }, groupTitle(root)),
        h("time", { datetime: root.at }, timeOf(root.at)),
      ),
    ),
    h(
      "p",
      { class: "group-summary" },
      count > 0 && h("span", { class: "bad" }, icon("warning"), counted(count, "problem"), " "),
      rows.length === 0 && root.kind === "action" ? "no events" : shown() === "everything" && summary(rows),
    ),
    count > 0 &&
      h(
        "ul",
        { key: "problems", class: "group-problems", "aria-label": "What went wrong" },
        problems(all)
          .slice(0, PROBLEMS)
          .map((words) => h("li", { key: words }, words)),
      ),
    !isFolded &&
      changes(rows).length > 0 &&
      h(
        "ul",
        { key: "changes", class: "group-changes", "aria-label": "What it changed" },
        changes(rows).map((words) => h("li", { key: words }, icon("ok"), words)),
      ),
    !isFolded && rowsOf(root, rows),
  );
}

/** @param {Entry} root */
const groupTitle = (root) => {
  if (isStart(root)) return "Functions start";
  return root.kind === "action" ? heading(root) : `${root.from}: ${heading(root)}`;
};

/** @param {Entry} root @param {Group["rows"]} rows */
function rowsOf(root, rows) {
  const some =
    whole.has(root.id) || shown() === "everything"
      ? rows
      : shown() === "problems"
        ? withCauses(rows, ({ entry }) => isProblem(entry))
        : story(rows);
  const hidden = rows.length - some.length;
  return [
    some.length > 0 && h("ol", { key: "rows", class: "rows" }, some.map(row)),
    (hidden > 0 || whole.has(root.id)) &&
      shown() !== "everything" &&
      h(
        "button",
        {
          key: "all",
          type: "button",
          class: "quiet small",
          "data-row": `rest ${root.id}`,
          "aria-expanded": String(whole.has(root.id)),
          onclick: () => toggle(whole, root.id),
        },
        hidden > 0 ? `${hidden} more, which changed nothing` : "Only the story",
      ),
  ];
}

/** @param {Group["rows"][0]} row */
function row({ entry, depth }) {
  const isOpen = open.has(entry.id);
  return h(
    "li",
    {
      key: entry.id,
      class: "entry",
      "data-entry": String(entry.id),
      "data-kind": entry.kind,
      "data-outcome": entry.outcome,
      "data-depth": String(Math.min(depth, 5)),
    },
    h(
      "button",
      {
        type: "button",
        class: "entry-line",
        "data-row": `entry ${entry.id}`,
        "aria-expanded": String(isOpen),
        onclick: () => opened(entry),
      },
      icon(entry.kind),
      h(
        "span",
        { class: "entry-title" },
        heading(entry),
        entry.kind === "event" && meaning(entry) && h("span", { class: "entry-meaning" }, ` ${meaning(entry)}`),
      ),
      status(entry),
      entry.ms !== null && h("span", { class: "entry-ms" }, duration(entry.ms)),
      h(
        "span",
        { class: "entry-wire" },
        h("span", { class: "entry-who" }, `${entry.from} → ${entry.to}`),
        entry.method && h("span", { class: "entry-request" }, h("b", null, entry.method), " ", entry.path ?? ""),
      ),
    ),
    isOpen && h("div", { key: "details", class: "details" }, described(entry.id)),
  );
}

/** @param {Entry} entry */
function status(entry) {
  const words = { ok: "", refused: "refused", failed: "failed", pending: "under way" }[entry.outcome] ?? entry.outcome;
  const text = [entry.status, words].filter(Boolean).join(" ");
  return (
    text !== "" &&
    h(
      "span",
      { class: "entry-status", "data-error": (entry.status ?? 0) >= 400 },
      isProblem(entry) && icon("warning"),
      text,
    )
  );
}

/** @param {Entry} entry */
function opened(entry) {
  toggle(open, entry.id);
  if (open.has(entry.id)) load(entry);
}

/** @param {Set<number>} ids @param {number} id */
function toggle(ids, id) {
  if (!ids.delete(id)) ids.add(id);
  changed();
}

function showMore() {
  limit += STEP;
  changed();
}

export function start() {
  byId("timeline-filter").addEventListener("change", changed);
  mine.addEventListener("change", changed);
  roving.start(byId("timeline-list"));
  scroll.addEventListener("scroll", () => {
    if (scroll.scrollTop > 4 || unseen === 0) return;
    unseen = 0;
    byId("timeline-newer").hidden = true;
  });
  byId("timeline-newer").addEventListener("click", () => {
    scroll.scrollTop = 0;
    unseen = 0;
    scroll.focus();
    changed();
  });
}
