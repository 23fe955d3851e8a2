// @ts-check
/** The details of a request, an event, a route or a delivery. */

import { addressOf } from "./address.js";
import { copies } from "./clipboard.js";
import { detailsOf } from "./details.js";
import { h } from "./dom.js";
import { counted as times } from "./log-tree.js";
import { copiedSid, json, linked, pairs, section, side } from "./parts.js";
import { routeLines } from "./route.js";
import { duration, shortened } from "./wording.js";

/** @typedef {import("./dom.js").Child} Child @typedef {import("./store.js").State} State */
/** @typedef {{title: Child, children: Child[]}} Detail */

/** @param {string} id @param {State} state @returns {Detail} */
export function entryDetail(id, state) {
  const [kind, ...rest] = id.split("-");
  const listed = entryOf(kind, rest.join("-"), state);
  const details = detailsOf(id, listed);
  if (details?.failure) return { title: "Not found", children: [h("p", null, details.failure)] };
  // The list no longer has an older entry, but its details do.
  const entry = listed ?? details?.entry;
  if (!entry) return { title: "Loading…", children: [] };
  const make = { request: requestDetail, event: eventDetail, route: routeDetail }[kind] ?? deliveryDetail;
  return make(entry, details, state);
}

/** The entry in the state, if it is still there. @param {string} kind @param {string} name @param {State} state */
function entryOf(kind, name, { requests, events, routes, deliveries }) {
  if (kind === "request") return requests.find(({ number }) => String(number) === name);
  if (kind === "event") return events.find(({ sid }) => sid === name);
  if (kind === "route") return routes.find(({ number }) => String(number) === name);
  return deliveries.find(({ to, number }) => to === kind && String(number) === name);
}

/** @param {import("./store.js").Request} own @param {any} details @param {State} state @returns {Detail} */
function requestDetail(own, details, state) {
  const taskSid = /\bWT[0-9a-f]{32}\b/.exec(own.path)?.[0];
  const query = [...new URLSearchParams(own.query)];
  const facts = [own.upstream, own.milliseconds !== null && duration(own.milliseconds), own.status ?? "no answer"];
  return {
    title: h("span", null, h("b", { class: "method" }, `${own.method} `), shortPath(own.path, state)),
    children: [
      h("p", { key: "facts", class: "facts" }, facts.filter(Boolean).join(" · ")),
      own.refusal !== null && h("p", { key: "refusal", class: "refusal-box", role: "note" }, own.refusal),
      details?.curl &&
        h(
          "p",
          { key: "curl", class: "row" },
          h("button", { type: "button", class: "small copy", onclick: copies(details.curl) }, "Copy as curl"),
          taskSid && taskLink(taskSid),
        ),
      section("Path", h("pre", { class: "code" }, own.path), query.length > 0 && pairs(query)),
      details?.request && side("Request", details.request),
      details?.answer && side(`Answer ${details.answer.status}`, details.answer),
      details && !details.answer && section("Answer", h("p", { class: "hint" }, unanswered(details.applied))),
      caused(own.number, state),
    ],
  };
}

/** @param {boolean} isApplied */
const unanswered = (isApplied) =>
  isApplied
    ? "The request was applied, but the answer was lost."
    : "There is no answer yet, and the request was not applied.";

/** @param {string} path @param {State} state */
const shortPath = (path, { workspaceSid }) => shortened(path.replace(`/v1/Workspaces/${workspaceSid}`, "…"));

/** @param {string} sid */
const taskLink = (sid) => h("a", { class: "link", href: addressOf({ open: sid }) }, "Open the task");

/** The effects of a request. @param {number} number @param {State} state */
function caused(number, { events, routes }) {
  const list = [
    ...events
      .filter(({ request }) => request === number)
      .map((own) => ({ ...own, id: `event-${own.sid}`, text: own.type })),
    ...routes
      .filter(({ request }) => request === number)
      .map((own) => ({ ...own, id: `route-${own.number}`, text: shortened(own.outcome) })),
  ].sort((one, other) => one.micros - other.micros);
  if (list.length === 0) return null;
  const items = list.map(({ id, text }) => h("li", { key: id }, h("a", { href: addressOf({ open: id }) }, text)));
  return section("Effects", h("ol", { class: "links" }, items));
}

/** @param {import("./store.js").Event} own @param {any} details @param {State} state @returns {Detail} */
function eventDetail(own, details, state) {
  const sent = state.deliveries.filter(({ eventSid }) => eventSid === own.sid);
  return {
    title: h("code", null, own.type),
    children: [
      pairs([
        ["Event", copiedSid(own.sid)],
        ["Resource", copiedSid(own.resourceSid)],
        ...(own.taskSid ? [/** @type {[string, Child]} */ (["Task", linked(own.taskSid)])] : []),
        ...causeOf(own.request),
        ["Date", own.date],
      ]),
      section(
        "Deliveries",
        sent.length === 0 && h("p", { class: "hint" }, "No callback and no sink gets this type of event."),
        h(
          "ol",
          { class: "links" },
          sent.map(({ to, number, url, state, attempts }) =>
            h(
              "li",
              { key: `${to}-${number}` },
              h("a", { href: addressOf({ open: `${to}-${number}` }) }, url ?? "a sink that is gone"),
              ` ${state}${attempts.length ? `: ${times(attempts)}` : ""}`,
            ),
          ),
        ),
      ),
      details && section("Fields", pairs(fields(details.fields))),
    ],
  };
}

/** @param {[string, string][]} list @returns {[string, Child][]} */
const fields = (list) => list.map(([name, value]) => [name, json(value)]);

/** @param {number | null} request @returns {[string, Child][]} */
const causeOf = (request) =>
  request === null
    ? []
    : [["Caused by", h("a", { href: addressOf({ open: `request-${request}` }) }, `request ${request}`)]];

/** @param {import("./store.js").Route} own @param {any} details @returns {Detail} */
function routeDetail(own, details) {
  return {
    title: "Route",
    children: [
      pairs([["Task", linked(own.taskSid, own.taskSid)], ...causeOf(own.request)]),
      h("div", { key: "route", class: "route block" }, routeLines(details?.route ?? own.outcome)),
    ],
  };
}

/** @param {import("./store.js").Delivery} own @param {any} details @returns {Detail} */
function deliveryDetail(own, details) {
  const eventSid = own.eventSid;
  return {
    title: own.to === "sink" ? "Delivery to a sink" : "Delivery to the event callback",
    children: [
      pairs([
        ["URL", h("code", null, own.url ?? "a sink that is gone")],
        ...(own.sinkSid ? [/** @type {[string, Child]} */ (["Sink", copiedSid(own.sinkSid)])] : []),
        ["State", own.state],
        ["Event", eventSid ? h("a", { href: addressOf({ open: `event-${eventSid}` }) }, own.type) : own.type],
        ...(details ? [/** @type {[string, Child]} */ (["Simulated time", details.time])] : []),
      ]),
      section(
        `Attempts`,
        own.attempts.length === 0 && h("p", { class: "hint" }, "The first attempt is under way."),
        h("ol", { class: "attempts" }, (details?.attempts ?? []).map(attempt)),
      ),
    ],
  };
}

/** @param {{outcome: string, milliseconds: number, body: string | null}} attempt @param {number} place */
const attempt = ({ outcome, milliseconds, body }, place) =>
  h(
    "li",
    { key: place },
    h(
      "span",
      { class: "row" },
      h("b", null, `${place + 1}. ${outcome}`),
      h("span", { class: "aside" }, duration(milliseconds)),
    ),
    body && json(body),
  );
