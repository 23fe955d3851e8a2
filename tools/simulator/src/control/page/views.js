// @ts-check
/** The choice among the lists. */

import { go } from "./address.js";
import { byId } from "./dom.js";
import { changed } from "./store.js";

const desk = matchMedia("(min-width: 1180px)");

/** The list that is shown. A desk has the workers beside every list. @param {import("./store.js").Place} place */
export const shown = ({ view }) => (view === "workspace" && desk.matches ? "log" : view);

/** @param {import("./store.js").Model} model */
export function draw({ state, place }) {
  const view = shown(place);
  document.body.dataset.view = view;
  document.body.dataset.open = String(place.open !== "");
  for (const button of buttons()) {
    if (button.dataset.show === view) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  const open = state?.tasks.filter(({ status }) => !["completed", "canceled"].includes(status)).length ?? 0;
  byId("task-count").textContent = String(open);
  const armed = state?.faults.filter(({ left }) => left !== 0).length ?? 0;
  byId("fault-count").textContent = String(armed);
  byId("fault-count").hidden = armed === 0;
}

const buttons = () => /** @type {HTMLElement[]} */ ([...byId("views").querySelectorAll("[data-show]")]);

export function start() {
  desk.addEventListener("change", changed);
  document.title = `Simulator at ${location.host}`;
  // The address's fragment names the place on the page, so the link doesn't change it.
  document.querySelector(".skip")?.addEventListener("click", (event) => {
    event.preventDefault();
    const stop = byId("log-list").querySelector('[tabindex="0"]');
    go({ view: "log" });
    if (stop instanceof HTMLElement) stop.focus();
  });
  for (const button of buttons()) button.addEventListener("click", () => go({ view: button.dataset.show ?? "log" }));
}
