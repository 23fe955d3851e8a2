// @ts-check
/** The place on the page, kept in the address for reloads, the Back button and links. */

import { current, setPlace } from "./store.js";

/** @typedef {import("./store.js").Place} Place */

const VIEWS = ["log", "tasks", "workspace", "faults", "limits"];

/** The address of the present place with a change. @param {Partial<Place>} change */
export function addressOf(change) {
  const { view, show, search, open } = { ...current().place, ...change };
  const parameters = new URLSearchParams();
  if (view !== "log") parameters.set("view", view);
  if (show !== "all") parameters.set("show", show);
  if (search !== "") parameters.set("search", search);
  if (open !== "") parameters.set("open", open);
  return `#${parameters}`;
}

/** A step of the visitor, to which the Back button leads. @param {Partial<Place>} change */
export function go(change) {
  const address = addressOf(change);
  if (address !== location.hash) history.pushState(null, "", address);
  read();
}

/** Like `go`, but without a new step in the history. @param {Partial<Place>} change */
export function adjust(change) {
  history.replaceState(null, "", addressOf(change));
  read();
}

function read() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const view = parameters.get("view") ?? "log";
  setPlace({
    view: VIEWS.includes(view) ? view : "log",
    show: parameters.get("show") ?? "all",
    search: parameters.get("search") ?? "",
    open: parameters.get("open") ?? "",
  });
}

export function start() {
  window.addEventListener("hashchange", read);
  window.addEventListener("popstate", read);
  read();
}
