// @ts-check
/** The explanation of a route, line by line. */

import { h } from "./dom.js";
import { shortened } from "./wording.js";

/** @param {string} text Lines, indented by two spaces a level. */
export function routeLines(text) {
  if (text === "") return [];
  return text.split("\n").map((line) => {
    const indent = line.length - line.trimStart().length;
    const words = shortened(line.trim());
    const verdict = verdictOf(words);
    return h(
      "p",
      { class: "route-line", "data-level": String(Math.min(4, Math.floor(indent / 2))), "data-verdict": verdict },
      words,
    );
  });
}

/** @param {string} line */
function verdictOf(line) {
  if (/^The task /.test(line)) return "result";
  if (/^filter \d+( ".*?")? matches/.test(line) || line.startsWith("✓")) return "yes";
  return /^filter \d+( ".*?")? doesn't match/.test(line) || line.startsWith("✗") ? "no" : null;
}
