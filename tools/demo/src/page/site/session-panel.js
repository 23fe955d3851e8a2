// @ts-check
/** The `custom_data` of the AI's session, and whether it is in step with the task; if not, why. */

import { byId, h, render } from "./dom.js";
import { Highlights } from "./highlights.js";
import { icon } from "./icons.js";
import { changed } from "./store.js";
import { lit } from "./task-panel.js";
import { pretty, timeOf } from "./wording.js";

const highlights = new Highlights(changed);

/** @param {import("./store.js").Model} model */
export function draw({ state, task }) {
  const session = task?.session ?? null;
  const data = session?.customData ?? [];
  highlights.note(
    session?.id ?? "",
    data.map(({ key, value, changedAt }) => [key, `${changedAt} ${value}`]),
  );
  const line = byId("session-agrees");
  line.hidden = session === null;
  line.dataset.agrees = String(session?.agrees ?? true);
  line.dataset.up = String(state?.sessionApi.up ?? true);
  render(line, session?.agrees ? [icon("ok"), "In step with the task"] : [icon("event"), reason(state, session)]);
  render(byId("session"), [
    data.length > 0
      ? h("dl", { class: "values tight" }, data.map(entry))
      : h("p", { class: "empty" }, session ? "Nothing has been written to the session." : "No session."),
  ]);
}

/** @param {import("./store.js").State | null} state @param {import("./store.js").Task["session"]} session */
function reason(state, session) {
  const api = state?.sessionApi.up ? "" : "Session API down. ";
  const waiting = session?.waiting;
  if (!waiting) return `${api}task-events is writing it…`;
  if (waiting.inFlight) return `${api}Left on the queue; deferred has it, and may start one session every 2.4 s`;
  return `${api}Left on the queue; deferred gets it at ${timeOf(waiting.until)}`;
}

/** @param {{key: string, value: string}} entry */
function entry({ key, value }) {
  const word = highlights.of(key);
  return h(
    "div",
    { key, class: "value", "data-name": key, "data-lit": word },
    h("dt", null, breakable(key), lit(word)),
    h("dd", { class: "mono" }, pretty(value)),
  );
}

/** A name that may break after each `_`. @param {string} name */
const breakable = (name) => name.split(/(?<=_)/).flatMap((part, place) => (place > 0 ? [h("wbr"), part] : [part]));
