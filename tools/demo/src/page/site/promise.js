// @ts-check
/** The promises of a handoff, put to the test: with the deployed function, or with a naive program for comparison. */

import { post } from "./api.js";
import { byId, h, render } from "./dom.js";
import { attempt } from "./forms.js";
import { icon } from "./icons.js";
import { holding } from "./journey.js";
import { current } from "./store.js";
import { counted } from "./wording.js";

/** @typedef {import("./store.js").Handoff} Handoff @typedef {import("./store.js").Task} Task */

/** The handoff that the buttons send. It says what the example's customer wants. */
const REASONS = {
  reason: "asks for compensation for a damaged floor, which the AI may not grant",
  summary: "The espresso machine (order 1138) has leaked onto a wooden floor. The customer asks to be compensated.",
  sentiment: "negative",
  language: "en",
};

/** @returns {"bundle" | "naive"} The program that hands off. */
export function program() {
  const chosen = byId("promise-program").querySelector("input:checked")?.getAttribute("value");
  return chosen === "naive" ? "naive" : "bundle";
}

/** @param {import("./store.js").Model} model */
export function draw({ task }) {
  const handoff = task?.handoff ?? null;
  byId("promise").hidden = task === null;
  byId("promise").dataset.program = program();
  button("promise-meanwhile").disabled = task === null || task.handoffOf !== null || holding(task)?.kind !== "ai";
  button("promise-again").disabled = handoff === null;
  byId("promise-naive").hidden = program() !== "naive";
  render(byId("promise-results"), [handoff && results(handoff)]);
}

/** @param {string} id */
const button = (id) => /** @type {HTMLButtonElement} */ (byId(id));

/** @param {Handoff} handoff */
function results(handoff) {
  const { answer, errorType, program, repeats } = handoff;
  const name = program === "naive" ? "Naive handoff" : "flex-handoff";
  const words = answer
    ? `attributes ${answer.attributes}, reservation ${answer.reservation}, note ${answer.note}`
    : (errorType ?? "refused");
  const asked = repeats > 0 ? `, asked ${repeats + 1} times` : "";
  return h(
    "ul",
    { key: program, class: "results", "data-program": program },
    h("li", { class: "result-answer" }, h("b", null, `${name}${asked}: `), words),
    handoff.handoffs > 0 && check(handoff.lost.length === 0, keptText(handoff)),
    handoff.handoffs > 0 && check(handoff.notes === handoff.handoffs, notesText(handoff)),
  );
}

/** @param {boolean} isKept @param {string} text */
function check(isKept, text) {
  return h("li", { class: "result", "data-kept": String(isKept) }, icon(isKept ? "ok" : "warning"), text);
}

/** @param {Handoff} handoff */
function keptText({ kept, lost }) {
  if (lost.length === 0) return `${counted(kept, "other attribute")} kept, byte for byte`;
  return `lost: ${lost.join(", ")}, which another system had just written`;
}

/** @param {Handoff} handoff */
function notesText({ notes, handoffs }) {
  if (notes === handoffs) return `${counted(notes, "note")} for ${counted(handoffs, "handoff")}`;
  return `${counted(notes, "note")} for ${counted(handoffs, "handoff")}: the human agent reads it ${notes} times`;
}

/** @param {string} id @param {(task: Task) => Promise<unknown>} request */
function onClick(id, request) {
  byId(id).addEventListener("click", () => {
    const { task } = current();
    if (task) attempt(byId(id), () => request(task), byId("task-refusal"));
  });
}

export function start() {
  onClick("promise-meanwhile", (task) =>
    post(`/tasks/${task.sid}/handoff`, { ...REASONS, ...task.suggestion, program: program(), meanwhile: true }),
  );
  onClick("promise-again", (task) => post(`/tasks/${task.handoffOf ?? task.sid}/handoff/again`));
  byId("promise-program").addEventListener("change", () => draw(current()));
}
