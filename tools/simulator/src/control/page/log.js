// @ts-check
/** The log: each request with its effects. The newest request is on top. */

import { addressOf, adjust } from "./address.js";
import { byId, h, render } from "./dom.js";
import { wanted } from "./filter.js";
import { icon } from "./icons.js";
import { groups } from "./log-tree.js";
import * as roving from "./roving.js";
import { changed } from "./store.js";
import { duration, timeOf } from "./wording.js";

/** @typedef {import("./log-tree.js").Entry} Entry @typedef {import("./log-tree.js").Group} Group */

/** The groups that are drawn at once. */
const STEP = 40;

const SIGNS = /** @type {const} */ ({
  request: "request",
  event: "event",
  route: "handoff",
  delivery: "delivery",
  timer: "clock",
});

let limit = STEP;
/** The open entry that was drawn last. */
let shown = "";

/** @param {import("./store.js").Model} model */
export function draw({ state, place }) {
  if (state === null) return;
  const since = Date.parse(state.since);
  const found = wanted(groups(state), place.show, place.search);
  keepPlace(() =>
    render(byId("log-list"), [
      found.slice(0, limit).map((group) => item(group, since, place.open)),
      found.length === 0 && h("li", { key: "none", class: "empty" }, nothing(place, state)),
      found.length > limit &&
        h(
          "li",
          { key: "more" },
          h("button", { type: "button", "data-row": "more", onclick: showMore }, "Show older ones"),
        ),
    ]),
  );
  const choice = byId("log-show").querySelector(`[value="${CSS.escape(place.show)}"]`);
  if (choice instanceof HTMLInputElement) choice.checked = true;
  roving.rove(byId("log-list"));
  if (shown !== place.open) {
    shown = place.open;
    byId("log-list").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }
}

/** @param {import("./store.js").Place} place @param {import("./store.js").State} state */
function nothing({ show, search }, { requests }) {
  if (requests.length === 0)
    return "There are no requests yet. Press New task, or send a request to the address above.";
  if (search !== "") return `No entry contains “${search}”.`;
  return show === "problems" ? "There are no problems." : "There are no entries of this kind yet.";
}

/** Keeps the visible entries in place when newer entries come above them. @param {() => void} draw */
function keepPlace(draw) {
  const scroll = byId("log-scroll");
  const top = scroll.getBoundingClientRect().top;
  const anchor =
    scroll.scrollTop > 4
      ? [...byId("log-list").children].find((one) => one.getBoundingClientRect().bottom > top)
      : undefined;
  const before = anchor?.getBoundingClientRect().top ?? 0;
  draw();
  if (anchor?.isConnected) scroll.scrollTop += anchor.getBoundingClientRect().top - before;
}

/** @param {Group} group @param {number} since @param {string} open */
function item({ root, rows }, since, open) {
  return h(
    "li",
    { key: root.id, class: "group", "data-problem": root.isProblem },
    row(root, since, open),
    rows.length > 0 &&
      h(
        "ol",
        { class: "rows" },
        rows.map((entry) => h("li", { key: entry.id }, row(entry, since, open))),
      ),
  );
}

/** @param {Entry} entry @param {number} since @param {string} open */
function row(entry, since, open) {
  const { id, kind, depth, title, note, status, milliseconds, isProblem, micros } = entry;
  const attributes = {
    class: "entry",
    "data-kind": kind,
    "data-depth": String(depth),
    "data-problem": isProblem,
  };
  const time = new Date(since + micros / 1000).toISOString();
  const parts = [
    icon(SIGNS[kind]),
    h(
      "span",
      { class: "entry-title" },
      kind === "request" && h("b", { class: "method" }, `${entry.source.method} `),
      title,
      kind === "event" && h("span", { class: "entry-aside" }, ` ${note}`),
      kind === "request" && h("span", { class: "entry-aside" }, queryOf(entry.source)),
    ),
    status !== "" && h("span", { class: "entry-status" }, isProblem && icon("warning", "problem"), status),
    depth === 0 &&
      h(
        "span",
        { class: "entry-aside entry-when" },
        milliseconds !== null && h("span", { class: "entry-took" }, duration(milliseconds)),
        h("time", { datetime: time }, timeOf(time)),
      ),
    note !== "" && kind !== "event" && h("span", { class: "entry-note" }, note),
  ];
  if (kind === "timer") return h("p", attributes, parts);
  return h(
    "a",
    { ...attributes, "data-row": id, href: addressOf({ open: id }), "aria-current": id === open ? "true" : null },
    parts,
  );
}

/** The query in a form that people can read. @param {import("./store.js").Request} request */
const queryOf = ({ query }) =>
  [...new URLSearchParams(query)].map(([name, value], place) => `${place ? "&" : "?"}${name}=${value}`).join("");

function showMore() {
  limit += STEP;
  changed();
}

export function start() {
  roving.start(byId("log-list"));
  byId("log-show").addEventListener("change", (event) => {
    limit = STEP;
    adjust({ show: /** @type {HTMLInputElement} */ (event.target).value });
  });
}
