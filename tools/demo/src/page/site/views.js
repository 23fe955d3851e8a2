// @ts-check
/** Which of the panes are seen where there isn't room for all. The style sheet says how many of them there are. */

import { byId } from "./dom.js";

/** On a wide screen three panes share one place, on a medium one all but the conversation, on a narrow one all. */
const wide = matchMedia("(min-width: 1240px)");
const medium = matchMedia("(min-width: 820px)");
const SHARING = ["task", "workflow", "faults"];

/** @param {string} pane */
export function show(pane) {
  const { dataset } = document.body;
  dataset.view = pane;
  if (pane !== "conversation") dataset.beside = pane;
  if (SHARING.includes(pane)) dataset.tab = pane;
  markCurrent();
}

function markCurrent() {
  const { view, beside, tab } = document.body.dataset;
  const shown = wide.matches ? tab : medium.matches ? beside : view;
  for (const button of byId("views").querySelectorAll("button")) {
    if (button.dataset.show === shown) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** Shows a pane and puts the focus on one of its controls. @param {string} pane @param {string} id */
export function goTo(pane, id) {
  show(pane);
  const control = byId(id);
  control.focus();
  control.scrollIntoView({ block: "nearest" });
}

export function start() {
  byId("views").addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button?.dataset.show) show(button.dataset.show);
  });
  wide.addEventListener("change", markCurrent);
  medium.addEventListener("change", markCurrent);
  markCurrent();
}
