// @ts-check
/** The first handoff, in five steps that tick themselves off. */

import { writeAs } from "./composer.js";
import { byId, h, render } from "./dom.js";
import { icon } from "./icons.js";
import { changed } from "./store.js";
import { goTo, show } from "./views.js";

/** @typedef {import("./store.js").State} State @typedef {import("./store.js").Task} Task */

const KEY = "flex-handoff-guide";

/** @type {{id: string, name: string, text: string, go: () => void, isDone: (state: State) => boolean}[]} */
const STEPS = [
  {
    id: "customer",
    name: "Write as the customer",
    text:
      "An AI answers first, and hands what it can’t do off to a person. TaskRouter, which gives out the work, has " +
      "offered it a customer’s task. Write as the customer.",
    go: () => {
      show("conversation");
      writeAs("customer");
    },
    isDone: (state) => state.tasks.some((task) => saidBy(task, "customer") > 1),
  },
  {
    id: "ai",
    name: "Reply as the AI",
    text: "To TaskRouter the AI is one more worker. What it knows of the task stands under “What the AI sees”.",
    go: () => {
      show("conversation");
      writeAs("ai");
    },
    isDone: (state) => state.tasks.some((task) => saidBy(task, "ai") > 0),
  },
  {
    id: "handoff",
    name: "Hand off",
    text:
      "The AI can’t go on. The handoff writes six attributes on the task, gives back the AI’s reservation, its hold on " +
      "the task, so that the task is routed again, and posts a note.",
    go: () => goTo("conversation", byIdOr("do-handoff", "task-actions")),
    isDone: (state) => state.tasks.some((task) => task.handoff?.answer),
  },
  {
    id: "accept",
    name: "Accept as the rep",
    text: "The filter handedOff == true has sent the task to the people’s queue. A rep is offered it: accept.",
    go: () => goTo("conversation", byIdOr("do-accept", "task-actions")),
    isDone: (state) => repHas(state, ["accepted", "wrapping", "completed"]),
  },
  {
    id: "wrap-up",
    name: "Wrap up",
    text: "End the chat as the rep, then complete the task. What was handed off, only a person ends.",
    go: () => goTo("conversation", byIdOr("do-wrap-up", "do-complete", "task-actions")),
    isDone: (state) => repHas(state, ["completed"]),
  },
];

/** @param {Task} task @param {string} from */
const saidBy = (task, from) => (task.conversation?.messages ?? []).filter((message) => message.from === from).length;

/** @param {State} state @param {string[]} statuses */
const repHas = (state, statuses) =>
  state.tasks.some((task) => task.reservations.some((one) => one.kind === "rep" && statuses.includes(one.status)));

/** The first of these that there is now. @param {...string} ids */
const byIdOr = (...ids) => ids.find((id) => document.getElementById(id)) ?? "task-actions";

/** The finished steps. A step stays finished when its task is gone. @type {Set<string>} */
const done = new Set();
let isOpen = stored() !== "dismissed";

/** @param {import("./store.js").Model} model */
export function draw({ state }) {
  const guide = byId("guide");
  guide.hidden = !isOpen || state === null;
  byId("guide-open").hidden = isOpen;
  if (state === null) return;
  for (const step of STEPS) if (step.isDone(state)) done.add(step.id);
  // A step that was passed over isn't asked for any more: by then the task is another one's.
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
      next?.text ?? "That was a handoff. Now break it: put the AI’s filter first, and hand the next customer off.",
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

/** Forgets what was done: a new world begins. */
export const startOver = () => done.clear();

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
