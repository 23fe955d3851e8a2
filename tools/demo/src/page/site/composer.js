// @ts-check
/** Writing a message as one of the speakers: by default, as the one who has the task. */

import { post } from "./api.js";
import { byId } from "./dom.js";
import { fieldOf, onSubmit } from "./forms.js";
import { holding } from "./journey.js";
import { current } from "./store.js";
import { point } from "./views.js";

/** @typedef {"customer" | "ai" | "rep"} Speaker @typedef {import("./store.js").Task} Task */

/** Sample messages of each speaker, for visitors who only watch. @type {Record<Speaker, string[]>} */
const SUGGESTIONS = {
  customer: [
    "Thank you, but it has ruined my wooden floor. Who pays for that? I want to speak to a human.",
    "That’s wonderful, thank you so much!",
    "And who picks up the broken one?",
  ],
  ai: [
    "I’m sorry to hear that! Your machine is under warranty, and a replacement is on its way to you.",
    "I may not decide about the floor. I’ll pass you on to a colleague who can.",
    "Is there anything else that I can do for you?",
  ],
  rep: [
    "Hello, this is Sam. I’ve read about your floor, and I’m sorry: we will pay for the repair.",
    "Send me the bill and I’ll see to it. Have a good day!",
  ],
};

/** The unsent text for each task. @type {Map<string, string>} */
const drafts = new Map();
let drawnTask = "";
/** @type {Speaker | null | undefined} Undefined for a task that wasn't drawn yet. */
let drawnHolder;

const form = /** @type {HTMLFormElement} */ (byId("composer"));
const body = fieldOf(form, "body");

/** @param {import("./store.js").Model} model */
export function draw({ state, task }) {
  const sid = task?.sid ?? "";
  form.hidden = task === null || !isOpen(task);
  if (sid !== drawnTask) changeTask(sid, state?.tasks ?? []);
  if (task === null) return;
  const holder = inConversation(task);
  if (holder !== drawnHolder) follow(holder);
  drawnHolder = holder;
  byId("speaker-customer").textContent = task.customer;
  const reservation = holding(task);
  byId("speaker-rep").textContent = reservation?.kind === "rep" ? reservation.workerName : "the human agent";
  byId("speaker-ai-remark").hidden = holder === "ai";
  byId("speaker-rep-remark").hidden = holder === "rep";
  const human = /** @type {HTMLInputElement} */ (form.querySelector("[value=rep]"));
  human.disabled = holder !== "rep";
}

/** @param {string} sid @param {Task[]} tasks */
function changeTask(sid, tasks) {
  // In another world the old tasks are gone, but what was typed isn't.
  const isKept = drawnTask !== "" && tasks.every((task) => task.sid !== drawnTask);
  drafts.set(drawnTask, body.value);
  if (!isKept) body.value = drafts.get(sid) ?? "";
  drawnTask = sid;
  drawnHolder = undefined;
}

/** Whether anybody can still write. @param {Task} task */
const isOpen = (task) =>
  task.conversation?.state === "active" && !["wrapping", "completed", "canceled"].includes(task.status);

/** Whoever of the company is in the conversation: a human agent only after accepting. @param {Task} task */
function inConversation(task) {
  const reservation = holding(task);
  if (reservation?.kind === "rep") return reservation.status === "accepted" ? "rep" : null;
  return reservation?.kind ?? null;
}

/** @param {Speaker | null} holder */
function follow(holder) {
  fieldOf(form, "from").value = holder ?? "customer";
}

export function start() {
  onSubmit(form, async () => {
    const message = { from: speaker(), body: body.value };
    await post(`/tasks/${drawnTask}/messages`, message);
    if (body.value === message.body) body.value = "";
  });
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  byId("composer-suggest").addEventListener("click", () => {
    const lines = SUGGESTIONS[speaker()];
    body.value = lines[said() % lines.length];
    body.focus();
  });
}

/** How many suggestions the speaker has used. A customer's first message came with the task. */
function said() {
  const messages = current().task?.conversation?.messages ?? [];
  const count = messages.filter((message) => message.from === speaker()).length;
  return speaker() === "customer" ? Math.max(0, count - 1) : count;
}

/** @returns {Speaker} */
const speaker = () => /** @type {Speaker} */ (fieldOf(form, "from").value);

/** Makes ready to write as somebody. @param {Speaker} from */
export function writeAs(from) {
  fieldOf(form, "from").value = from;
  if (current().task) point(body);
}
