// @ts-check
/** Which of the panes are seen where there isn't room for all. The style sheet says how many of them there are. */

import { byId } from "./dom.js";

/** On a wide screen three panes share one place, on a medium one all but the conversation, on a narrow one all. */
const wide = matchMedia("(min-width: 1240px)");
const medium = matchMedia("(min-width: 820px)");
const PANES = ["queues", "conversation", "task", "workflow", "faults", "timeline"];
const SHARING = ["task", "workflow", "faults"];

/** @type {(() => void)[]} */
const listeners = [];

/** @param {() => void} listener Called after the visitor has turned to another pane. */
export function onShow(listener) {
  listeners.push(listener);
}

/** @param {string} pane */
export function show(pane) {
  turnTo(pane);
  for (const listener of listeners) listener();
}

/** @param {string} pane */
function turnTo(pane) {
  const { dataset } = document.body;
  dataset.view = pane;
  if (pane !== "conversation") dataset.beside = pane;
  if (SHARING.includes(pane)) dataset.tab = pane;
  markCurrent();
}

/** The panes as parameters of the page's address: those that differ from the first ones. @returns {[string, string][]} */
export function shown() {
  const { view = "", beside = "" } = document.body.dataset;
  /** @type {[string, string][]} */
  const parameters = [
    ["pane", view],
    ["beside", beside],
  ];
  return parameters.filter(([name, pane]) => pane !== (name === "pane" ? "conversation" : "task"));
}

/** @param {string | null} pane @param {string | null} beside */
export function restore(pane, beside) {
  turnTo(beside && PANES.includes(beside) ? beside : "task");
  turnTo(pane && PANES.includes(pane) ? pane : "conversation");
}

function markCurrent() {
  const { view, beside, tab } = document.body.dataset;
  const shown = wide.matches ? tab : medium.matches ? beside : view;
  for (const button of byId("views").querySelectorAll("button")) {
    if (button.dataset.show === shown) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** Shows a pane and points at one of its controls. @param {string} pane @param {string} id */
export function goTo(pane, id) {
  show(pane);
  point(byId(id));
}

/** Puts the focus on a control, and a ring around it that mouse users see too. @param {HTMLElement} control */
export function point(control) {
  control.focus();
  control.scrollIntoView({ block: "nearest" });
  const before = control.parentElement?.closest(".pointed") ?? document.querySelector(".pointed");
  before?.classList.remove("pointed");
  // The animation begins again even if it is the same control.
  void control.offsetWidth;
  control.classList.add("pointed");
  control.addEventListener("blur", () => control.classList.remove("pointed"), { once: true });
}

export function start() {
  byId("views").addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.dataset.show) show(button.dataset.show);
  });
  // The address holds the page's state, so links within the page leave it alone.
  for (const link of document.querySelectorAll('a[href^="#"]')) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const target = byId(link.getAttribute("href")?.slice(1) ?? "");
      const pane = target.closest("[data-pane]");
      if (pane instanceof HTMLElement && pane.dataset.pane) show(pane.dataset.pane);
      target.focus();
      target.scrollIntoView({ block: "nearest" });
    });
  }
  wide.addEventListener("change", markCurrent);
  medium.addEventListener("change", markCurrent);
  markCurrent();
}
