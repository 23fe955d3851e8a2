// @ts-check
/** The messages of the task that is looked at, each speaker told apart by place, sign, name and colour. */

import { byId, h, render } from "./dom.js";
import { icon } from "./icons.js";
import { timeOf } from "./wording.js";

/** @typedef {import("./store.js").Message} Message */

const ROLES = {
  customer: "customer",
  ai: "AI",
  rep: "human agent",
  note: "for the human agent; a web chat must filter it out",
  system: "system",
};

/** How far from its end, in pixels, a list still counts as read to the end. */
const NEAR = 48;

let drawnTask = "";
let drawnCount = 0;

/** @param {import("./store.js").Model} model */
export function draw({ state, task }) {
  const messages = task?.conversation?.messages ?? [];
  const scroll = byId("messages-scroll");
  const wasAtEnd = isAtEnd(scroll);
  const isOther = drawnTask !== (task?.sid ?? "");
  render(
    byId("messages"),
    messages.map((message, place) => bubble(message, messages[place - 1])),
  );
  if (messages.length === 0)
    render(byId("messages"), [h("li", { key: "empty", class: "empty" }, emptyText(state, task))]);
  byId("conversation-state").textContent = hasEnded(task) ? "The chat has ended" : "";
  if (isOther || wasAtEnd) scrollToEnd(scroll);
  else if (messages.length > drawnCount) byId("messages-newer").hidden = false;
  if (isAtEnd(scroll)) byId("messages-newer").hidden = true;
  drawnTask = task?.sid ?? "";
  drawnCount = messages.length;
}

/** @param {import("./store.js").State | null} state @param {import("./store.js").Task | null} task */
function emptyText(state, task) {
  if (state === null) return "Waiting for the demo…";
  if (task && !task.conversation) return "This task has no conversation.";
  return task ? "Nobody has written yet." : "No conversation: let a new customer write.";
}

/** @param {import("./store.js").Task | null} task */
const hasEnded = (task) =>
  task?.conversation?.state === "closed" || ["wrapping", "completed", "canceled"].includes(task?.status ?? "");

/** @param {HTMLElement} scroll */
const isAtEnd = (scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;

/** To the end, or to the beginning of a last message that is longer than the room. @param {HTMLElement} scroll */
function scrollToEnd(scroll) {
  scroll.scrollTop = scroll.scrollHeight;
  const last = byId("messages").lastElementChild;
  const above = last ? scroll.getBoundingClientRect().top - last.getBoundingClientRect().top : 0;
  if (above > 0) scroll.scrollTop -= above;
}

/** @param {Message} message @param {Message} [before] */
function bubble(message, before) {
  const isNext = before?.from === message.from && before.author === message.author && message.from !== "note";
  const name = message.from === "note" ? "Note" : message.author;
  return h(
    "li",
    { key: message.sid, class: "message", "data-from": message.from, "data-next": isNext },
    h(
      "p",
      { class: "message-head" },
      h("span", { class: "message-sign" }, icon(message.from === "system" ? "event" : message.from)),
      h("span", { class: "message-author" }, name),
      ROLES[message.from] !== name && h("span", { class: "message-role" }, ROLES[message.from]),
      h("time", { datetime: message.at }, timeOf(message.at)),
    ),
    h("p", { class: "message-body" }, message.body),
  );
}

export function start() {
  const scroll = byId("messages-scroll");
  const newer = byId("messages-newer");
  newer.addEventListener("click", () => {
    scroll.scrollTop = scroll.scrollHeight;
    newer.hidden = true;
    scroll.focus();
  });
  scroll.addEventListener("scroll", () => {
    if (isAtEnd(scroll)) newer.hidden = true;
  });
}
