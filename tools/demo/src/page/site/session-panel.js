// @ts-check
/** The `custom_data` of the AI's session, and whether it is in step with the task. */

import { byId, h, render } from "./dom.js";
import { Highlights } from "./highlights.js";
import { icon } from "./icons.js";
import { changed } from "./store.js";
import { lit } from "./task-panel.js";
import { pretty } from "./wording.js";

const highlights = new Highlights(changed);

/** @param {import("./store.js").Model} model */
export function draw({ state, task }) {
  const data = task?.session?.customData ?? [];
  highlights.note(
    task?.session?.id ?? "",
    data.map(({ key, value, changedAt }) => [key, `${changedAt} ${value}`]),
  );
  const line = byId("session-agrees");
  line.hidden = !task?.session;
  line.dataset.agrees = String(task?.session?.agrees ?? true);
  render(
    line,
    task?.session?.agrees
      ? [icon("ok"), "In step with the task"]
      : [
          icon("warning"),
          state?.sessionApi.up ? "Not in step with the task yet" : "Not in step with the task: the session API is away",
        ],
  );
  render(byId("session"), [
    data.length > 0
      ? h("dl", { class: "values tight" }, data.map(entry))
      : h("p", { class: "empty" }, task?.session ? "Nothing has been written to the session." : "No session."),
  ]);
}

/** @param {{key: string, value: string}} entry */
function entry({ key, value }) {
  const word = highlights.of(key);
  return h(
    "div",
    { key, class: "value", "data-name": key, "data-lit": word },
    h("dt", null, key, lit(word)),
    h("dd", { class: "mono" }, pretty(value)),
  );
}
