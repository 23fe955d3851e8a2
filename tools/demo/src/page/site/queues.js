// @ts-check
/** The queues with their tasks and workers, and the tasks that have ended. */

import { post, put } from "./api.js";
import { byId, h, render } from "./dom.js";
import { attempt, fieldOf, onSubmit } from "./forms.js";
import { icon } from "./icons.js";
import { whereabouts } from "./journey.js";
import { hasEnded, select } from "./store.js";
import { show } from "./views.js";
import { timeOf } from "./wording.js";

/** @typedef {import("./store.js").State} State @typedef {import("./store.js").Task} Task */

/** @param {import("./store.js").Model} model */
export function draw({ state, task }) {
  if (state === null) return;
  const shown = task?.sid ?? "";
  const inQueue = new Set(state.queues.flatMap((queue) => queue.tasks));
  const others = state.tasks.filter((one) => !inQueue.has(one.sid));
  const [ended, waiting] = [others.filter(hasEnded), others.filter((one) => !hasEnded(one))];
  render(byId("queue-list"), [
    state.queues.map((queue) => queueCard(state, queue, shown)),
    waiting.length > 0 && otherTasks("In no queue", "no-queue", waiting, shown),
    ended.length > 0 && otherTasks("Ended", "ended", ended, shown),
  ]);
}

/** @param {State} state @param {State["queues"][0]} queue @param {string} shown */
function queueCard(state, queue, shown) {
  const tasks = queue.tasks.flatMap((sid) => state.tasks.filter((task) => task.sid === sid));
  const workers = state.workers.filter((worker) => queue.workers.includes(worker.sid));
  const heading = `queue-${queue.sid}`;
  return h(
    "section",
    { key: queue.sid, class: "queue", "aria-labelledby": heading, "data-queue": queue.name },
    h(
      "h3",
      { id: heading },
      queue.name,
      h(
        "span",
        { class: "count" },
        String(tasks.length),
        h("span", { class: "unseen" }, tasks.length === 1 ? " task" : " tasks"),
      ),
    ),
    tasks.length > 0
      ? h(
          "ul",
          { class: "cards" },
          tasks.map((task) => card(task, shown)),
        )
      : h("p", { class: "empty" }, "No task waits here."),
    h(
      "ul",
      { class: "workers", "aria-label": `Workers of ${queue.name}` },
      workers.map((worker) => workerLine(worker, state.activities)),
    ),
  );
}

/** @param {string} name @param {string} key @param {Task[]} tasks @param {string} shown */
function otherTasks(name, key, tasks, shown) {
  return h(
    "section",
    { key, class: "queue", "aria-labelledby": `queue-${key}` },
    h("h3", { id: `queue-${key}` }, name),
    h(
      "ul",
      { class: "cards" },
      tasks.map((task) => card(task, shown)),
    ),
  );
}

/** @param {Task} task @param {string} shown */
function card(task, shown) {
  const text = task.backAtTheAi ? "back at the AI" : whereabouts(task);
  return h(
    "li",
    { key: task.sid },
    h(
      "button",
      {
        type: "button",
        class: "card",
        "data-task": task.sid,
        "data-loop": task.backAtTheAi,
        "aria-current": task.sid === shown ? "true" : null,
        onclick: () => chosen(task.sid),
      },
      h("span", { class: "card-name" }, task.customer),
      h("span", { class: "card-time" }, timeOf(task.createdAt)),
      h("span", { class: "card-text" }, task.backAtTheAi && icon("loop"), text),
    ),
  );
}

/** @param {string} sid */
function chosen(sid) {
  select(sid);
  show("conversation");
}

/** @param {State["workers"][0]} worker @param {string[]} activities */
function workerLine(worker, activities) {
  const id = `activity-${worker.sid}`;
  return h(
    "li",
    { key: worker.sid, class: "worker", "data-available": String(worker.available) },
    icon(worker.kind),
    h("label", { for: id }, worker.name, h("span", { class: "unseen" }, ", activity")),
    h(
      "select",
      { id, value: worker.activity, onchange: activityChosen(worker) },
      activities.map((name) => h("option", { key: name, value: name }, name)),
    ),
  );
}

/** @param {State["workers"][0]} worker */
const activityChosen = (worker) => async (/** @type {Event} */ event) => {
  const choice = /** @type {HTMLSelectElement} */ (event.currentTarget);
  const request = () => put(`/workers/${worker.sid}/activity`, { activity: choice.value });
  const done = await attempt(choice, request, byId("queues-refusal"));
  if (!done) choice.value = worker.activity;
};

const NAMES = ["Ben", "Chidi", "Dolores", "Emre", "Freja", "Gus"];

export function start() {
  const form = /** @type {HTMLFormElement} */ (byId("new-customer"));
  const name = fieldOf(form, "name");
  let nth = 0;
  onSubmit(
    form,
    async () => {
      const { task } = await post("/conversations", { name: name.value });
      select(task);
    },
    () => {
      nth += 1;
      name.value = NAMES[nth % NAMES.length];
      show("conversation");
    },
  );
}
