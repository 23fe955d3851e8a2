// @ts-check
/** The search, and the keys of the page: `/` focuses the search, and Escape clears the search or closes the details. */

import { adjust, go } from "./address.js";
import { byId } from "./dom.js";
import { current } from "./store.js";
import { shown } from "./views.js";

const field = /** @type {HTMLInputElement} */ (byId("search"));

/** @param {import("./store.js").Model} model */
export function draw({ place }) {
  // The text of the field is not changed while the visitor types.
  if (document.activeElement !== field && field.value !== place.search) field.value = place.search;
  byId("search-form").hidden = !["log", "tasks"].includes(shown(place));
}

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const isTyping = event.target instanceof Element && event.target.matches("input, textarea, select");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    if (byId("search-form").hidden) go({ view: "log" });
    field.focus();
    field.select();
  } else if (event.key === "Escape" && event.target === field) {
    field.value = "";
    adjust({ search: "" });
  } else if (event.key === "Escape" && !isTyping && current().place.open !== "") {
    close();
  }
}

/** Closes the details and focuses their row. */
export function close() {
  const { open } = current().place;
  go({ open: "" });
  const row = document.querySelector(`[data-row="${CSS.escape(open)}"]`);
  if (row instanceof HTMLElement) row.focus();
}

/** While details are open beside the list, the arrow keys open the next row. @param {KeyboardEvent} event */
function led(event) {
  const row = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.row : undefined;
  const isOpen = current().place.open !== "" && matchMedia("(min-width: 820px)").matches;
  if (["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key) && row && row !== "more" && isOpen)
    adjust({ open: row });
}

export function start() {
  for (const list of ["log-list", "task-list"]) byId(list).addEventListener("keydown", led);
  field.addEventListener("input", () => adjust({ search: field.value.trim() }));
  byId("search-form").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", pressed);
}
