// @ts-check
/** Writing a message as one of the speakers. */

import { post } from "./api.js";
import { byId } from "./dom.js";
import { fieldOf, onSubmit } from "./forms.js";
import { holding } from "./journey.js";
import { current } from "./store.js";

/** Sample messages of each speaker, for visitors who only watch. */
const SUGGESTIONS = {
  customer: [
    "It has ruined my wooden floor! Who pays for that? I want to speak to a person.",
    "That’s wonderful, thank you so much!",
    "And who picks up the broken one?",
  ],
  ai: [
    "I’m sorry to hear that! Let me see what I can do about it.",
    "Your machine is under warranty until 31 October 2028. A replacement is on its way to you.",
    "I’ll pass you on to a colleague, who can decide about the floor.",
  ],
  rep: [
    "Hello, this is Sam. I’ve read about your floor, and I’m sorry: we will pay for the repair.",
    "Send me the bill and I’ll see to it. Have a good day!",
  ],
};

/** The unsent text for each task. @type {Map<string, string>} */
const drafts = new Map();
let drawnTask = "";
const used = { customer: 0, ai: 0, rep: 0 };

const form = /** @type {HTMLFormElement} */ (byId("composer"));
const body = fieldOf(form, "body");

/** @param {import("./store.js").Model} model */
export function draw({ task }) {
  const sid = task?.sid ?? "";
  form.hidden = task?.conversation?.state !== "active";
  if (sid !== drawnTask) {
    drafts.set(drawnTask, body.value);
    body.value = drafts.get(sid) ?? "";
    drawnTask = sid;
  }
  if (task === null) return;
  byId("speaker-customer").textContent = task.customer;
  const reservation = holding(task);
  byId("speaker-rep").textContent = reservation?.kind === "rep" ? reservation.workerName : "the rep";
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
    body.value = lines[used[speaker()]++ % lines.length];
    body.focus();
  });
}

/** @returns {"customer" | "ai" | "rep"} */
const speaker = () => /** @type {any} */ (fieldOf(form, "from").value);

/** Makes ready to write as somebody. @param {"customer" | "ai" | "rep"} from */
export function writeAs(from) {
  fieldOf(form, "from").value = from;
  if (current().task) body.focus();
}
