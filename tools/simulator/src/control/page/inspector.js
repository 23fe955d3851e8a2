// @ts-check
// Shows the simulator's state, and follows it: each request for the state waits on the simulator for the next change.

/** The seconds that a request for the state waits for a change. */
const WAIT = 20;

/** The pause after the simulator could not be reached. */
const PAUSE = 1000;

let state = null;
let etag = "";
/** The SIDs of the tasks that were on the page before; none before the first state. */
let known = null;
/** The SIDs of the tasks whose reasons are open. */
const open = new Set();

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * An element with its class and its children. Texts stay texts, whatever they hold.
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string | null)} children
 */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** @param {string} id @param {Element[]} items @param {Node | string} otherwise */
function fill(id, items, otherwise) {
  byId(id).replaceChildren(...(items.length ? items : [element("p", "empty", otherwise)]));
}

function worker({ sid, name, activity, available, channels }) {
  const busy = channels.filter((channel) => channel.reservations > 0);
  const loads = busy.map((channel) => `${channel.name} ${channel.reservations} of ${channel.capacity}`).join(", ");
  const dot = element("span", available ? "dot available" : "dot");
  const item = element(
    "li",
    "",
    element("div", "row", element("span", "", dot, name), element("span", "", activity ?? "")),
    element("div", "soft", loads || "no tasks"),
  );
  item.title = sid;
  return item;
}

function queue({ sid, name, expression, tasks }) {
  const count = tasks === 1 ? "1 task" : `${tasks} tasks`;
  const row = element("div", "row", element("span", "", name), element("span", "", count));
  const item = element("li", "", row, element("div", "code soft", expression || "no expression: nobody"));
  item.title = sid;
  return item;
}

function task(task) {
  const [outcome, ...reasons] = (task.route ?? "").split("\n");
  const isNew = known !== null && !known.has(task.sid);
  return element(
    "article",
    isNew ? "task new" : "task",
    element("div", "row", element("h3", "", task.sid), element("span", `status ${task.status}`, task.status)),
    element("p", "outcome", headline(task, outcome)),
    reason(reasons),
    offers(task.reservations),
    details(task, reasons),
  );
}

/**
 * What has become of the task. While it waits for an answer, that is the outcome of its route.
 * @param {any} task @param {string} outcome
 */
function headline({ status, reason, queue, reservations }, outcome) {
  const held = reservations.find((reservation) => ["accepted", "wrapping"].includes(reservation.status));
  switch (status) {
    case "assigned":
      return `${held?.worker} has accepted the task.`;
    case "wrapping":
      return `${held?.worker ?? "The worker"} is wrapping up.`;
    case "completed":
      return `Completed: ${reason ?? "no reason"}.`;
    case "canceled":
      return `Canceled: ${reason ?? "no reason"}.`;
    default:
      return withoutSid(outcome) || (queue ? `The task is in queue "${queue}".` : "The task was not routed.");
  }
}

/** @param {string} text */
const withoutSid = (text) => text.replaceAll(/ \([A-Z]{2}[0-9a-f]{32}\)/g, "");

/** The filter that the task came by. @param {string[]} reasons */
function reason(reasons) {
  const filter = reasons.findLast((line) => /^(filter \d+ .*matches|default filter)/.test(line) && !/doesn't match/.test(line));
  return filter === undefined ? null : element("p", "code soft", filter);
}

function offers(reservations) {
  if (reservations.length === 0) return null;
  return element("p", "soft", reservations.map(({ worker, status }) => `${worker}: ${status}`).join(" → "));
}

function details(task, reasons) {
  const box = /** @type {HTMLDetailsElement} */ (
    element("details", "", element("summary", "", "Why, and its attributes"))
  );
  if (reasons.length) box.append(element("pre", "", reasons.join("\n")));
  box.append(element("pre", "", pretty(task.attributes)));
  box.id = `why-${task.sid}`;
  box.open = open.has(task.sid);
  box.addEventListener("toggle", () => (box.open ? open.add(task.sid) : open.delete(task.sid)));
  return box;
}

/** @param {string} json */
function pretty(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

function request({ method, path, query, status, milliseconds, refusal }) {
  const short = path.replace(`/v1/Workspaces/${state.workspaceSid}/`, "…/");
  const took = milliseconds === null ? "" : ` · ${milliseconds.toFixed(1)} ms`;
  const bad = status >= 400 ? "bad" : "";
  const row = element(
    "div",
    "row",
    element("span", "code", `${method} ${short}${query && "?"}${query}`),
    element("span", bad, `${status ?? "no answer"}${took}`),
  );
  return element("li", "", row, refusal === null ? null : element("div", "code bad", refusal));
}

function event({ sid, type, resourceSid }) {
  const item = element("li", "", element("div", "row", element("span", "", type), element("span", "code", resourceSid)));
  item.title = sid;
  return item;
}

/** A command that makes a first task. */
function firstTask() {
  const { accountSid, authToken, workspaceSid } = state;
  const text =
    `curl -u ${accountSid}:${authToken} \\\n  ${location.origin}/v1/Workspaces/${workspaceSid}/Tasks \\\n` +
    `  -d TaskChannel=chat -d 'Attributes={"channelType":"web"}'`;
  return element("div", "", "There are no tasks yet. Make one:", element("pre", "", text));
}

function show() {
  const focused = document.activeElement?.closest("details")?.id;
  byId("address").textContent = `${location.origin} · ${state.workspaceSid}`;
  fill("workers", state.workers.map(worker), "Nobody works here.");
  fill("queues", state.queues.map(queue), "There are no queues.");
  fill("tasks", state.tasks.map(task), firstTask());
  fill("requests", state.requests.map(request), "None yet.");
  fill("events", state.events.map(event), "None yet.");
  if (focused) document.querySelector(`#${focused} summary`)?.focus();
  known = new Set(state.tasks.map(({ sid }) => sid));
  tick();
}

function tick() {
  if (state === null) return;
  const now = new Date(Date.now() + state.aheadSeconds * 1000);
  byId("clock").textContent = `${now.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** @param {string | null} text */
function complain(text) {
  const problem = byId("problem");
  problem.textContent = text;
  problem.hidden = text === null;
}

async function follow() {
  for (;;) {
    try {
      const headers = { "If-None-Match": etag, Prefer: `wait=${WAIT}` };
      const answer = await fetch("/simulator/state", { headers, cache: "no-store" });
      if (answer.status === 200) {
        state = await answer.json();
        etag = answer.headers.get("ETag") ?? "";
        show();
      } else if (answer.status !== 304) {
        throw new Error(`status ${answer.status}`);
      }
      complain(null);
    } catch {
      complain("The simulator doesn't answer. Is it still running in your terminal?");
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }
}

/** @param {string} path @param {object} body */
async function post(path, body) {
  try {
    const answer = await fetch(path, { method: "POST", body: JSON.stringify(body) });
    complain(answer.ok ? null : await answer.text());
  } catch {
    complain("The simulator doesn't answer. Is it still running in your terminal?");
  }
}

for (const button of document.querySelectorAll("[data-advance]")) {
  const seconds = Number(button.getAttribute("data-advance"));
  button.addEventListener("click", () => post("/simulator/clock", { advanceSeconds: seconds }));
}
byId("reset").addEventListener("click", () => {
  if (confirm("Start again? All tasks, conversations and events will be gone.")) post("/simulator/reset", {});
});
setInterval(tick, 1000);
follow();
