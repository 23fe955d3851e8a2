// @ts-check
/** The page's few signs, drawn in the colour of the text around them. */

import { h } from "./dom.js";

const PATHS = {
  customer: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7 8c.6-3.6 3.4-5 7-5s6.400 1.400 7 5",
  ai: "M12 3v3M6 7h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2Zm3 5v1m6-1v1m-5 3h4",
  rep: "M5 14v-2a7 7 0 0 1 14 0v2M5 13h2v5H6a2 2 0 0 1-2-2v-2a1 1 0 0 1 1-1Zm14 0h-2v5h1a2 2 0 0 0 2-2v-2a1 1 0 0 0-1-1Zm-2 5c0 1.500-2 2.500-4 2.500",
  note: "M6 4h12v11l-5 5H6V4Zm12 11h-5v5M9 8h6m-6 4h4",
  ok: "M5 12.500l4.500 4.500L19 7.500",
  warning: "M12 4 2.800 19.500h18.400L12 4Zm0 6v4.500m0 2.400v.1",
  loop: "M4 12a8 8 0 0 1 13.700-5.600L20 8.500M20 4v4.500h-4.500M20 12a8 8 0 0 1-13.700 5.600L4 15.500M4 20v-4.500h4.500",
  handoff: "M4 9h14m-4-4 4 4-4 4M20 18H8",
  done: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm-4-9 3 3 5-6",
  event: "M13 3 5 13.500h6L10 21l8-10.500h-6L13 3Z",
  delivery: "M3 6h18v12H3V6Zm0 1 9 6 9-6",
  invocation: "M7 5l10 7-10 7V5Z",
  request: "M4 8h15m-4-4 4 4-4 4M20 16H5m4-4-4 4 4 4",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3.500 2",
  action: "M9 4v10l2.600-2.600L14 17l2-1-2.400-5.400H17L9 4Z",
};

/** @typedef {keyof typeof PATHS} Sign */

/**
 * @param {Sign} name
 * @param {string} [label] What it says; without one, it only repeats what stands beside it.
 */
export function icon(name, label) {
  const said = label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" };
  return h("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", ...said }, h("path", { d: PATHS[name] }));
}
