// @ts-check
/** Says so when a task that was handed off has come back to the AI, why, and how to mend it. */

import { post } from "./api.js";
import { byId, h, render } from "./dom.js";
import { attempt } from "./forms.js";
import { open as openHandoff } from "./handoff-dialog.js";
import { icon } from "./icons.js";
import { select } from "./store.js";
import { goTo } from "./views.js";

/** @param {import("./store.js").Model} model */
export function draw({ state, task }) {
  const looped = task?.backAtTheAi ? task : state?.tasks.find((one) => one.backAtTheAi);
  if (!state || !looped) return render(byId("loop-alert"), []);
  const isShown = looped === task;
  render(byId("loop-alert"), [
    h(
      "div",
      { key: looped.sid, class: "loop" },
      h("span", { class: "loop-sign" }, icon("loop")),
      h(
        "div",
        { class: "loop-text" },
        h("p", { class: "loop-title" }, `${looped.customer}’s task is back at the AI`),
        isShown && h("p", null, reason(state.workflow.handoffFirst)),
        h(
          "div",
          { class: "row" },
          isShown
            ? mending(state.workflow.handoffFirst, looped)
            : h(
                "button",
                { key: "show", type: "button", onclick: () => select(looped.sid) },
                `Look at ${looped.customer}’s task`,
              ),
        ),
      ),
    ),
  ]);
}

/** @param {boolean | null} handoffFirst */
function reason(handoffFirst) {
  if (handoffFirst === true) {
    return (
      "When the AI handed it off, the workflow sent it to the AI once more. The filters are right now, but a task is " +
      "routed again only when its reservation ends: hand it off again."
    );
  }
  if (handoffFirst === false) {
    return (
      "The AI handed it off, and TaskRouter routed it again: from top to bottom, the first filter that matches. The " +
      "AI’s filter stands above handedOff == true, so it matched first, and no human agent will ever see this customer."
    );
  }
  return (
    "The AI handed it off, and TaskRouter routed it again, but the workflow has no filter handedOff == true that would " +
    "send it to a human agent."
  );
}

/** @param {boolean | null} handoffFirst @param {import("./store.js").Task} task */
function mending(handoffFirst, task) {
  if (handoffFirst === true) {
    return [
      h(
        "button",
        { key: "again", id: "loop-again", type: "button", class: "primary", onclick: () => openHandoff(task) },
        "Hand off again…",
      ),
    ];
  }
  return [
    handoffFirst === false &&
      h(
        "button",
        { key: "mend", id: "loop-mend", type: "button", class: "primary", onclick: swapped },
        "Put handedOff == true first",
      ),
    h(
      "button",
      { key: "look", type: "button", onclick: () => goTo("workflow", "workflow-text") },
      "Look at the workflow",
    ),
  ];
}

/** @param {Event} event */
async function swapped(event) {
  const button = /** @type {HTMLElement} */ (event.currentTarget);
  if (await attempt(button, () => post("/workflow/swap"), byId("task-refusal"))) byId("task-actions").focus();
}
