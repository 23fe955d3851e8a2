// @ts-check
/** The workflow's text: edited in place, its mistake shown where it is, and tried on the task while one types. */

import { post, put, Refusal } from "./api.js";
import { byId, h, render } from "./dom.js";
import { attempt, onSubmit } from "./forms.js";
import { icon } from "./icons.js";
import { routeLines } from "./route.js";
import { current } from "./store.js";

/** How long, in milliseconds, nothing is typed before the text is tried. */
const PAUSE = 250;

/** @typedef {{message: string, line: number, column: number}} Mistake */

const text = /** @type {HTMLTextAreaElement} */ (byId("workflow-text"));
/** The text in use, as of the last state. */
let inUse = "";
/** The text in use when the draft was begun; the draft has missed what came after. */
let base = "";
/** @type {Mistake | null} */
let mistake = null;
let tried = "";
let timer = 0;

const isDraft = () => text.value !== inUse;

/** @param {import("./store.js").Model} model */
export function draw({ state, task }) {
  if (state === null) return;
  if (state.workflow.text !== inUse) adopt(state.workflow.text);
  drawState();
  // The route depends on the task and on who is available, too.
  const subject = JSON.stringify([
    task?.sid,
    task?.attributes,
    state.workers.map((worker) => worker.available),
    text.value,
  ]);
  if (subject !== tried) {
    tried = subject;
    tryLater();
  }
}

/** @param {string} latest The text now in use, which a draft is not lost to. */
function adopt(latest) {
  const wasDraft = isDraft();
  inUse = latest;
  if (!wasDraft) replace(latest);
}

/** @param {string} latest */
function replace(latest) {
  text.value = latest;
  base = latest;
  mistake = null;
  drawMarks();
}

function drawState() {
  const missed = isDraft() && base !== inUse ? ", and the one in use has changed meanwhile" : "";
  byId("workflow-state").textContent = isDraft()
    ? `Your text is not in use yet${missed}.`
    : "This is the workflow in use.";
  byId("workflow").dataset.draft = String(isDraft());
  /** @type {HTMLButtonElement} */ (byId("workflow-save")).disabled = !isDraft() || mistake !== null;
}

function tryLater() {
  clearTimeout(timer);
  timer = setTimeout(tryNow, PAUSE);
}

async function tryNow() {
  const { task } = current();
  if (task === null) return;
  const sent = text.value;
  try {
    const answer = await post("/workflow/try", { text: sent, task: task.sid });
    if (sent !== text.value) return;
    if (answer.error) showMistake(answer);
    else showRoute(task.customer, answer);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (sent === text.value) showMistake({ error: error.message, ...error.details });
  }
}

/**
 * @param {string} customer
 * @param {{route: string, queue: string | null, workers: string[], backAtTheAi: boolean}} route
 */
function showRoute(customer, { route, queue, workers, backAtTheAi }) {
  mistake = null;
  drawMarks();
  drawState();
  byId("workflow-verdict").dataset.outcome = queue === null || backAtTheAi ? "failed" : "ok";
  const offered = workers.length > 0 ? `offered to ${workers.join(", ")}` : "nobody is available";
  const back = backAtTheAi ? ", although it was handed off" : "";
  byId("workflow-verdict").textContent =
    queue === null
      ? `${customer}’s task would leave the workflow`
      : `${customer}’s task would go to ${queue}${back}: ${offered}`;
  render(byId("workflow-route"), routeLines(route));
}

/** @param {{error: string, line?: number, column?: number}} answer */
function showMistake({ error, line, column }) {
  // Without a place it is not the text that is at fault, but such as a task that has gone.
  mistake = line === undefined ? null : { message: error, line, column: column ?? 1 };
  drawMarks();
  drawState();
  byId("workflow-verdict").dataset.outcome = "failed";
  byId("workflow-verdict").textContent = mistake ? "" : error;
  render(byId("workflow-route"), []);
}

/** The numbers of the lines, the mark under the mistake, and the mistake in words. */
function drawMarks() {
  const lines = text.value.split("\n");
  render(
    byId("workflow-lines"),
    lines.map((_, index) => h("span", { "data-wrong": mistake?.line === index + 1 }, String(index + 1))),
  );
  render(byId("workflow-marks"), mistake ? marked(mistake) : []);
  text.setAttribute("aria-invalid", String(mistake !== null));
  render(byId("workflow-error"), mistake ? explained(lines, mistake) : []);
  alignMarks();
}

/** The text again, with the mark: as long as the text itself, so that it scrolls as far. @param {Mistake} mistake */
function marked(mistake) {
  const lines = text.value.split("\n");
  const [start, word] = [before(lines, mistake), at(lines, mistake)];
  return [start, h("mark", null, word), `${text.value.slice(start.length + word.length)}\n`];
}

/** @param {string[]} lines @param {Mistake} mistake */
function before(lines, { line, column }) {
  return [...lines.slice(0, line - 1), (lines[line - 1] ?? "").slice(0, column - 1)].join("\n");
}

/** The word at the mistake, or a space at the end of a line. @param {string[]} lines @param {Mistake} mistake */
function at(lines, { line, column }) {
  const rest = (lines[line - 1] ?? "").slice(column - 1);
  return /^(\w+|\s+|.)/.exec(rest)?.[0] ?? " ";
}

/** How much of a long line is shown on each side of a mistake. */
const AROUND = 26;

/** @param {string[]} lines @param {Mistake} mistake */
function explained(lines, mistake) {
  const { message, line, column } = mistake;
  const from = Math.max(0, column - 1 - AROUND);
  const excerpt = (lines[line - 1] ?? "").slice(from, column - 1 + AROUND);
  return [
    h(
      "p",
      { key: "words" },
      icon("warning"),
      h("span", null, h("b", null, `In line ${line}, column ${column}: `), message),
    ),
    h("pre", { key: "caret", "aria-hidden": "true" }, `${excerpt}\n${" ".repeat(column - 1 - from)}^`),
    h(
      "button",
      { key: "go", id: "workflow-go", type: "button", onclick: () => goToMistake(lines, mistake) },
      "Go to the mistake",
    ),
  ];
}

/** @param {string[]} lines @param {Mistake} mistake */
function goToMistake(lines, mistake) {
  const start = before(lines, mistake).length;
  text.focus();
  text.setSelectionRange(start, start + at(lines, mistake).length);
}

function alignMarks() {
  byId("workflow-lines").scrollTop = text.scrollTop;
  byId("workflow-marks").scrollTop = text.scrollTop;
  byId("workflow-marks").scrollLeft = text.scrollLeft;
}

export function start() {
  text.addEventListener("scroll", alignMarks);
  text.addEventListener("input", () => {
    mistake = null;
    drawMarks();
    drawState();
    tryLater();
  });
  const form = /** @type {HTMLFormElement} */ (byId("workflow-form"));
  onSubmit(form, async () => {
    const sent = text.value;
    try {
      await put("/workflow", { text: sent });
    } catch (error) {
      if (!(error instanceof Refusal) || error.details.line === undefined) throw error;
      return showMistake({ error: error.message, ...error.details });
    }
    base = inUse = sent;
    drawState();
  });
  byId("workflow-revert").addEventListener("click", () => {
    replace(inUse);
    drawState();
    tryLater();
  });
  const swap = byId("workflow-swap");
  swap.addEventListener("click", () => attempt(swap, () => post("/workflow/swap")));
}
