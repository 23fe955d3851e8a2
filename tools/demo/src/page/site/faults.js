// @ts-check
/** The faults that a visitor can inject: the filters' order, TaskRouter's answers, the session API, the clock. */

import { post, put, remove } from "./api.js";
import { byId, h, render } from "./dom.js";
import { attempt, fieldOf, onSubmit } from "./forms.js";
import { icon } from "./icons.js";
import { current } from "./store.js";
import { timeOf } from "./wording.js";

/** @param {import("./store.js").Model} model */
export function draw({ state }) {
  if (state === null) return;
  const clock = /** @type {HTMLTimeElement} */ (byId("clock-now"));
  clock.dateTime = state.now;
  clock.textContent = timeOf(state.now);
  render(byId("message-queues"), state.messages.map(depth));
  byId("session-api").setAttribute("aria-checked", String(state.sessionApi.up));
  render(byId("fault-order"), [order(state.workflow.handoffFirst)]);
  render(byId("workflow-order"), [state.workflow.handoffFirst !== true && order(state.workflow.handoffFirst)]);
  render(byId("faults-left"), [
    state.faults.length > 0 &&
      h(
        "div",
        { class: "outcome", "data-outcome": "failed" },
        icon("warning"),
        h(
          "ul",
          null,
          state.faults.map(({ upstream, status, left }) =>
            h("li", null, `${upstream} answers ${status}, ${left === 1 ? "once" : `${left} times`} more`),
          ),
        ),
        h("button", { id: "faults-lift", type: "button", onclick: lifted }, "Lift"),
      ),
  ]);
}

/** @param {import("./store.js").QueueDepth} queue */
function depth({ function: name, waiting, inFlight }) {
  const total = waiting + inFlight;
  const held = inFlight > 0 ? `, ${inFlight} of them being handled` : "";
  return h(
    "li",
    { key: name, "data-function": name, "data-messages": String(total) },
    h("b", null, String(total)),
    ` ${total === 1 ? "message" : "messages"} for `,
    h("code", null, name),
    held,
  );
}

/** @param {boolean | null} handoffFirst */
function order(handoffFirst) {
  if (handoffFirst === true)
    return h(
      "p",
      { key: "right", class: "outcome", "data-outcome": "ok" },
      icon("ok"),
      h("span", null, h("code", null, "handedOff == true"), " comes first: a handoff reaches a human agent"),
    );
  const text =
    handoffFirst === false
      ? "The AI’s filter comes first: a handoff comes back to the AI"
      : "No filter asks for handedOff == true: a handoff can’t reach a human agent";
  return h("p", { key: "wrong", class: "outcome", "data-outcome": "failed" }, icon("warning"), text);
}

/** @param {Event} event */
async function lifted(event) {
  const button = /** @type {HTMLElement} */ (event.currentTarget);
  const form = /** @type {HTMLFormElement} */ (byId("fault-form"));
  if (await attempt(button, () => remove("/faults"))) fieldOf(form, "times").focus();
}

export function start() {
  const form = /** @type {HTMLFormElement} */ (byId("fault-form"));
  onSubmit(form, () =>
    post("/faults", {
      upstream: "TaskRouter",
      status: Number(fieldOf(form, "status").value),
      times: Number(fieldOf(form, "times").value),
    }),
  );
  onClick(byId("fault-swap"), () => post("/workflow/swap"));
  onClick(byId("session-api"), () => put("/session-api", { up: !current().state?.sessionApi.up }));
  for (const button of byId("faults").querySelectorAll("[data-clock]")) {
    if (button instanceof HTMLElement) onClick(button, () => post("/clock", { seconds: Number(button.dataset.clock) }));
  }
}

/** @param {HTMLElement} button @param {() => Promise<unknown>} action */
function onClick(button, action) {
  button.addEventListener("click", () => attempt(button, action));
}
