// @ts-check
/** The first handoff, in five steps that tick themselves off. */

import { writeAs } from "./composer.js";
import { byId, h, render } from "./dom.js";
import { icon } from "./icons.js";
import { holding } from "./journey.js";
import { changed, current, hasEnded, select } from "./store.js";
import { goTo, show } from "./views.js";

/** @typedef {import("./store.js").State} State @typedef {import("./store.js").Task} Task */

const KEY = "flex-handoff-guide";

/** @type {{id: string, name: string, text: string, go: () => void, isDone: (state: State) => boolean}[]} */
const STEPS = [
  {
    id: "ai",
    name: "Reply as the AI",
    text:
      "TaskRouter gives out the work, and the AI agent is one of its workers: a customer’s task was offered to it. " +
      "Press Suggest, and send the AI’s first reply.",
    go: () => withTask(isWithAi, () => speak("ai")),
    isDone: (state) => state.tasks.some((task) => saidBy(task, "ai") > 0),
  },
  {
    id: "customer",
    name: "Answer as the customer",
    text: "The customer wants more than the AI may decide. Press Suggest, and send the answer.",
    go: () => withTask(isWithAi, () => speak("customer")),
    isDone: (state) => state.tasks.some((task) => saidBy(task, "customer") > 1),
  },
  {
    id: "handoff",
    name: "Hand off",
    text:
      "The AI can’t go on. The handoff writes six attributes on the task, releases the AI’s reservation, so that the " +
      "task is routed again, and posts a note.",
    go: () => withTask(isWithAi, () => goTo("conversation", oneOf("do-handoff"))),
    isDone: (state) => state.tasks.some((task) => task.handoff?.answer),
  },
  {
    id: "accept",
    name: "Accept as the human agent",
    text: "The workflow’s filter handedOff == true has sent the task to the human agents’ queue. Sam is offered it.",
    go: () => withTask(isWithHuman, () => goTo("conversation", oneOf("do-accept"))),
    isDone: (state) => humanHas(state, ["accepted", "wrapping", "completed"]),
  },
  {
    id: "wrap-up",
    name: "Wrap up",
    text: "End the chat, then complete the task. Only a human agent can end a task that was handed off.",
    go: () => withTask(isWithHuman, () => goTo("conversation", oneOf("do-wrap-up", "do-complete"))),
    isDone: (state) => humanHas(state, ["completed"]),
  },
];

const END = "That was a handoff. Now break it: put the AI’s filter first, and hand the next customer off.";
const LOOP = "The task is back at the AI: the filters are in the wrong order. Mend that first.";

/** @param {Task} task @param {string} from */
const saidBy = (task, from) => (task.conversation?.messages ?? []).filter((message) => message.from === from).length;

/** @param {State} state @param {string[]} statuses */
const humanHas = (state, statuses) =>
  state.tasks.some((task) => task.reservations.some((one) => one.kind === "rep" && statuses.includes(one.status)));

/** @param {Task} task */
const isWithAi = (task) => !hasEnded(task) && holding(task)?.kind === "ai";
/** @param {Task} task */
const isWithHuman = (task) => !hasEnded(task) && holding(task)?.kind === "rep";

/**
 * Selects a task on which the step can be done, unless the selected one is fit for it.
 *
 * @param {(task: Task) => boolean} isFit
 * @param {() => void} go
 */
function withTask(isFit, go) {
  const { state, task } = current();
  const fit = task && isFit(task) ? task : state?.tasks.findLast(isFit);
  if (fit && fit !== task) select(fit.sid);
  go();
}

/** @param {"ai" | "customer"} from */
function speak(from) {
  show("conversation");
  writeAs(from);
}

/** The first of these that there is now. @param {...string} ids */
const oneOf = (...ids) => ids.find((id) => document.getElementById(id)) ?? "task-actions";

/** The finished steps. A step stays finished when its task is gone. @type {Set<string>} */
const done = new Set();
/** The world that the finished steps belong to. */
let world = "";
let isOpen = stored() !== "dismissed";

/** @param {import("./store.js").Model} model */
export function draw({ state }) {
  const guide = byId("guide");
  guide.hidden = !isOpen || state === null;
  byId("guide-open").hidden = isOpen;
  if (state === null) return;
  if (state.world !== world) done.clear();
  world = state.world;
  for (const step of STEPS) if (step.isDone(state)) done.add(step.id);
  // A step that was passed over isn't asked for any more: by then, the task has another holder.
  const next = STEPS[STEPS.findLastIndex((step) => done.has(step.id)) + 1];
  render(guide, [
    h(
      "div",
      { class: "guide-steps" },
      h("h2", { id: "guide-heading" }, "Your first handoff"),
      h(
        "ol",
        null,
        STEPS.map((step, place) => mark(step, place, step === next)),
      ),
    ),
    h(
      "p",
      { class: "guide-text", id: "guide-text" },
      state.tasks.some((task) => task.backAtTheAi) ? LOOP : (next?.text ?? END),
    ),
    h(
      "div",
      { class: "guide-buttons" },
      next
        ? h("button", { key: "go", id: "guide-go", type: "button", onclick: next.go }, "Show me")
        : h(
            "button",
            { key: "break", id: "guide-go", type: "button", onclick: () => goTo("faults", "fault-swap") },
            "Break it",
          ),
      h(
        "button",
        { key: "dismiss", id: "guide-dismiss", type: "button", class: "quiet", onclick: dismiss },
        "Dismiss",
        h("span", { class: "unseen" }, " the guide"),
      ),
    ),
  ]);
}

/** @param {typeof STEPS[0]} step @param {number} place @param {boolean} isNext */
function mark({ id, name }, place, isNext) {
  const isDone = done.has(id);
  return h(
    "li",
    { class: "guide-step", "data-step": id, "data-done": String(isDone), "aria-current": isNext ? "step" : null },
    h("span", { class: "guide-number" }, isDone ? icon("ok", "done") : String(place + 1)),
    h("span", { class: "guide-name" }, name),
  );
}

function dismiss() {
  setOpen(false);
  byId("guide-open").focus();
}

/** @param {boolean} open */
function setOpen(open) {
  isOpen = open;
  try {
    localStorage.setItem(KEY, open ? "open" : "dismissed");
  } catch {
    // Without storage it is shown again next time.
  }
  changed();
}

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function start() {
  byId("guide-open").addEventListener("click", () => {
    setOpen(true);
    byId("guide-dismiss").focus();
  });
}
