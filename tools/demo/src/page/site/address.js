// @ts-check
/** The task, the pane and the filter in the page's address, so that a reload and the Back button keep them. */

import { current, onChange, select, selection } from "./store.js";
import { filter, setFilter } from "./timeline.js";
import { onShow, restore, shown } from "./views.js";

/** Whether the address is being read, so that what it says isn't written again. */
let isReading = false;

/** What the page shows, as it stands in the address. */
function written() {
  const parameters = new URLSearchParams(shown());
  const { show, mine } = filter();
  if (show !== "story") parameters.set("show", show);
  if (mine) parameters.set("mine", "1");
  if (selection() !== "") parameters.set("task", selection());
  return `#${parameters}`;
}

/** A step of the visitor, to which the Back button leads. One click may change several parameters. */
function push() {
  if (isReading) return;
  queueMicrotask(() => {
    if (written() !== location.hash) history.pushState(null, "", written());
  });
}

function read() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  isReading = true;
  restore(parameters.get("pane"), parameters.get("beside"));
  setFilter({ show: parameters.get("show") ?? "story", mine: parameters.has("mine") });
  select(parameters.get("task") ?? "");
  isReading = false;
}

let drawnTask = "";

/** A selection of the visitor is a step. The first one, and one that follows from what others did, is none. */
function draw() {
  const before = drawnTask;
  drawnTask = selection();
  if (before === drawnTask || isReading) return;
  const isStep = before !== "" && current().state?.tasks.some((task) => task.sid === before);
  if (isStep) push();
  else history.replaceState(null, "", written());
}

export function start() {
  read();
  onChange(draw);
  onShow(push);
  document.getElementById("timeline-filter")?.addEventListener("change", push);
  document.getElementById("timeline-mine")?.addEventListener("change", push);
  window.addEventListener("popstate", read);
}
