// @ts-check
/** Whether what is shown is live, and what has just happened, for those who can't see it move. */

import { byId } from "./dom.js";
import { forgetUnreachable } from "./forms.js";
import { whereabouts } from "./journey.js";

const TEXTS = { connecting: "Connecting…", live: "Live", lost: "Not connected, trying again…" };

let said = "";

/** @param {import("./store.js").Model} model */
export function draw({ task, connection }) {
  const line = byId("connection");
  if (line.dataset.connection !== connection) {
    line.dataset.connection = connection;
    line.textContent = TEXTS[connection];
    if (connection === "live") forgetUnreachable();
  }
  document.body.dataset.connection = connection;
  const news = task ? `${task.customer}’s task: ${task.backAtTheAi ? "back at the AI" : whereabouts(task)}` : "";
  if (news !== said) byId("news").textContent = news;
  said = news;
}
