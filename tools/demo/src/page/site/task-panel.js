// @ts-check
/** A task's attributes, those that a handoff writes marked, and how its last handoff went. */

import { putText } from "./api.js";
import { byId, h, render } from "./dom.js";
import { fieldOf, onSubmit } from "./forms.js";
import { Highlights } from "./highlights.js";
import { icon } from "./icons.js";
import { routeLines } from "./route.js";
import { changed, current } from "./store.js";
import { counted, pretty, timeOf } from "./wording.js";

/** @typedef {import("./store.js").Task} Task */

const highlights = new Highlights(changed);

/** The attributes that a handoff writes, in the order in which people read them. */
const SIX = ["handedOff", "handoffReason", "handoffSummary", "handoffSentiment", "handoffLanguage", "handoffTimestamp"];

/** The attributes that Flex and the handoff keep for themselves: nobody reads them in the task panel. */
const FLEX = [
  "conversationSid",
  "conversations",
  "flexChannelInviteSid",
  "flexInteractionChannelSid",
  "flexInteractionSid",
  "handoffOf",
  "session_id",
];

let drawnTask = "";

/** @param {import("./store.js").Model} model */
export function draw({ task }) {
  const isOther = drawnTask !== (task?.sid ?? "");
  drawnTask = task?.sid ?? "";
  const attributes = task?.attributes ?? [];
  highlights.note(
    task?.sid ?? "",
    attributes.map(({ name, value }) => [name, value]),
  );
  const six = SIX.flatMap((name) => attributes.filter((one) => one.handoff && one.name === name));
  const flex = attributes.filter((one) => FLEX.includes(one.name));
  const own = attributes.filter((one) => !one.handoff && !FLEX.includes(one.name));
  render(byId("attributes"), [
    six.length > 0 &&
      h(
        "div",
        { key: "six", class: "six" },
        h("h4", null, icon("handoff"), "Written by the handoff", arrived(six)),
        h(
          "dl",
          { class: "values" },
          six.map((one) => attribute(one, true)),
        ),
      ),
    six.length > 0 && h("h4", { key: "own" }, "The task’s own"),
    own.length > 0
      ? h(
          "dl",
          { key: "values", class: "values" },
          own.map((one) => attribute(one, false)),
        )
      : h("p", { key: "empty", class: "empty" }, task ? "The task has no attributes." : "No task."),
    flex.length > 0 &&
      h(
        "details",
        { key: "flex", class: "flex-attributes" },
        h("summary", null, `${counted(flex.length, "identifier")} of Flex and the session`),
        h(
          "dl",
          { class: "values" },
          flex.map((one) => attribute(one, false)),
        ),
      ),
  ]);
  byId("views").dataset.news = String(six.some(({ name }) => highlights.of(name)));
  drawLastHandoff(task);
  const route = byId("route-now");
  route.hidden = !task?.route;
  render(byId("route-now-text"), routeLines(task?.route ?? ""));
  if (isOther) byId("task-scroll").scrollTop = 0;
}

/** How many of them have just been written. @param {Task["attributes"]} six */
function arrived(six) {
  const count = six.filter(({ name }) => highlights.of(name)).length;
  return count > 0 && h("span", { class: "lit" }, `${count} new`);
}

/** @param {Task["attributes"][0]} attribute @param {boolean} isProse */
function attribute({ name, value }, isProse) {
  return h(
    "div",
    { key: name, class: "value", "data-name": name, "data-lit": highlights.of(name) },
    h("dt", null, name, !isProse && lit(highlights.of(name))),
    h("dd", { class: isProse ? null : "mono" }, isProse ? prose(value) : pretty(value)),
  );
}

/** @param {"new" | "changed" | null} word */
export const lit = (word) => word && h("span", { class: "lit" }, word);

/** A JSON string as what it says. @param {string} value */
function prose(value) {
  return value.startsWith('"') ? String(JSON.parse(value)) : value;
}

/** @param {Task | null} task */
function drawLastHandoff(task) {
  const section = byId("last-handoff");
  const handoff = task?.handoff ?? null;
  section.hidden = handoff === null;
  if (handoff === null) return render(section, []);
  const { answer, error, errorType } = handoff;
  render(section, [
    h("h3", { id: "last-handoff-heading" }, "The last handoff"),
    answer
      ? h(
          "p",
          { key: "ok", class: "outcome", "data-outcome": "ok" },
          icon("ok"),
          `${timeOf(handoff.at)}: attributes ${answer.attributes}, reservation ${answer.reservation}, note ${answer.note}`,
        )
      : h(
          "p",
          { key: "failed", class: "outcome", "data-outcome": "failed" },
          icon("warning"),
          h("span", null, h("b", { class: "mono" }, errorType ?? "error"), ` at ${timeOf(handoff.at)}: ${error}`),
        ),
  ]);
}

const form = /** @type {HTMLFormElement} */ (byId("attribute-form"));

/**
 * The typed text as JSON. A text that isn't JSON, and doesn't look like it, is a string.
 *
 * @param {string} typed
 */
function jsonOf(typed) {
  const text = typed.trim();
  try {
    JSON.parse(text);
    return { text, isString: false };
  } catch {
    return /^[[{"]/.test(text) ? null : { text: JSON.stringify(text), isString: true };
  }
}

function showReading() {
  const json = jsonOf(fieldOf(form, "value").value);
  if (json === null) byId("attribute-reading").textContent = "This isn’t JSON yet.";
  else byId("attribute-reading").textContent = json.isString ? `Text: ${json.text}` : "Any JSON.";
}

export function start() {
  fieldOf(form, "value").addEventListener("input", showReading);
  showReading();
  onSubmit(form, async () => {
    const { task } = current();
    const json = jsonOf(fieldOf(form, "value").value);
    // A text that isn't JSON is sent as it is, so that it is refused like every other mistake.
    const value = json?.text ?? fieldOf(form, "value").value;
    await putText(
      `/tasks/${task?.sid}/attributes`,
      `{"name":${JSON.stringify(fieldOf(form, "name").value)},"value":${value}}`,
    );
  });
}
