// @ts-check
/** The pane beside the lists: the details of the open entry, task or worker, or how to begin. */

import { copied } from "./clipboard.js";
import { byId, h, render } from "./dom.js";
import { isEntry } from "./details.js";
import { entryDetail } from "./entry-detail.js";
import { close } from "./search.js";
import { taskDetail } from "./task-detail.js";
import { workerDetail } from "./worker-detail.js";

/** @typedef {import("./store.js").State} State */

let shown = "";

/** @param {import("./store.js").Model} model */
export function draw({ state, place }) {
  if (state === null) return;
  const { title, children } = detailOf(place.open, state);
  byId("detail-close").hidden = place.open === "";
  render(byId("detail-title"), [title]);
  const hadFocus = byId("detail").contains(document.activeElement);
  render(byId("detail"), [h("div", { key: place.open, class: "detail" }, children)]);
  // The button that had the focus may be gone, since its work is done.
  if (hadFocus && document.activeElement === document.body) byId("detail-scroll").focus();
  if (shown !== place.open) turned(place.open);
  shown = place.open;
}

/** Begins at the top of new details. On a phone, the details replace the list and take the focus. @param {string} open */
function turned(open) {
  const scroll = byId("detail-scroll");
  scroll.scrollTop = 0;
  if (open !== "" && matchMedia("(max-width: 819.9px)").matches) scroll.focus();
}

/** @param {string} open @param {State} state @returns {import("./entry-detail.js").Detail} */
function detailOf(open, state) {
  if (open === "") return beginning(state);
  if (isEntry(open)) return entryDetail(open, state);
  const task = state.tasks.find(({ sid }) => sid === open);
  if (task) return taskDetail(task, state);
  const worker = state.workers.find(({ sid }) => sid === open);
  if (worker) return workerDetail(worker, state);
  return {
    title: "Not found",
    children: [
      h(
        "p",
        null,
        `${open} is gone, or older than the latest 100 tasks. A task is deleted five minutes after its end.`,
      ),
    ],
  };
}

/** @param {State} state @returns {import("./entry-detail.js").Detail} */
function beginning({ accountSid, authToken, workspaceSid }) {
  const command =
    `curl -u ${accountSid}:${authToken} \\\n  ${location.origin}/v1/Workspaces/${workspaceSid}/Tasks \\\n` +
    `  -d TaskChannel=chat -d 'Attributes={"channelType":"web"}'`;
  return {
    title: "Make a task, and see where it goes",
    children: [
      h("div", { key: "command", class: "command" }, h("pre", null, command), copied("Copy the command", command)),
      h(
        "p",
        { key: "words" },
        "The log shows every request to this address, with its effects. Open a request to read the bodies.",
      ),
      h(
        "dl",
        { key: "keys", class: "keys" },
        [
          ["/", "search"],
          ["↑ ↓", "move in the list"],
          ["Enter", "open"],
          ["Esc", "close"],
        ].map(([key, words]) => h("div", null, h("dt", null, h("kbd", null, key)), h("dd", null, words))),
      ),
    ],
  };
}

export function start() {
  byId("detail-close").addEventListener("click", close);
}
