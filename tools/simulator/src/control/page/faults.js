// @ts-check
/** Faults: a form, the same fault as a command, and the list of faults. */

import { act, doing } from "./actions.js";
import { post, remove } from "./api.js";
import { copied } from "./clipboard.js";
import { byId, h, render } from "./dom.js";
import { changed } from "./store.js";

const form = /** @type {HTMLFormElement} */ (byId("fault-form"));

/** @param {import("./store.js").Model} model */
export function draw({ state }) {
  if (state === null) return;
  const command = `curl ${location.origin}/simulator/faults -d '${JSON.stringify(rule())}'`;
  render(byId("fault-command"), [h("pre", null, command), copied("Copy the command", command)]);
  render(byId("fault-list"), [
    state.faults.map((fault, place) => item(fault, place)),
    state.faults.length === 0 && h("li", { key: "none", class: "empty" }, "There are no faults."),
  ]);
  byId("fault-clear").hidden = state.faults.length === 0;
  const isAnswer = field("effect") === "answer";
  byId("fault-answer").hidden = !isAnswer;
  byId("fault-delay").hidden = field("effect") !== "delay";
}

/** @param {string} name */
const field = (name) => String(new FormData(form).get(name) ?? "");

/** The form's fault as JSON for the API. */
function rule() {
  const effect = effectOf(field("effect"));
  const isLost = field("effect") === "lost";
  return {
    upstream: field("upstream"),
    ...(field("method") && { method: field("method") }),
    ...(field("path") && { pathContains: field("path") }),
    times: Number(field("times")) || 1,
    ...(isLost ? { after: effect } : { before: effect }),
  };
}

/** @param {string} name */
function effectOf(name) {
  if (name === "delay") return { delayMs: Number(field("delay")) || 0 };
  if (name === "answer") return { answer: { status: Number(field("status")) || 503 } };
  return name === "hang" ? "hang" : "reset";
}

/** @param {import("./store.js").Fault} fault @param {number} place */
function item({ rule, struck, left }, place) {
  const words = left === 0 ? "used up" : left === null ? "no end" : `${left} left`;
  return h(
    "li",
    { key: place, "data-left": String(left) },
    h("code", null, summary(rule)),
    h("span", { class: "aside" }, `struck ${struck}, ${words}`),
  );
}

/** A fault in a line. The rule is empty if the fault was not added over HTTP. @param {string} text */
function summary(text) {
  try {
    const { upstream, method, pathContains, pathEndsWith, before, after } = JSON.parse(text);
    const path = [pathContains && `…${pathContains}…`, pathEndsWith && `…${pathEndsWith}`].filter(Boolean).join(" ");
    const effects = [before && inWords(before), after && `after it was applied: ${inWords(after)}`];
    return [`${method ?? "any"} ${upstream} ${path}`.trim(), effects.filter(Boolean).join(", ")].join(" → ");
  } catch {
    return text || "a fault without a description";
  }
}

/** @param {any} effect */
function inWords(effect) {
  if (typeof effect === "string") return effect;
  if (effect.answer) return String(effect.answer.status);
  if (effect.delayMs !== undefined) return `${effect.delayMs} ms late`;
  return JSON.stringify(effect);
}

export function start() {
  const refusals = /** @type {HTMLElement} */ (form.querySelector("[data-refusal]"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form, () => post("/simulator/faults", rule()), refusals);
  });
  form.addEventListener("input", changed);
  byId("fault-clear").addEventListener(
    "click",
    doing(() => remove("/simulator/faults")),
  );
}
