// @ts-check
/** The simulated time and its buttons. */

import { doing } from "./actions.js";
import { post } from "./api.js";
import { byId } from "./dom.js";
import { current } from "./store.js";

export function draw() {
  const { state } = current();
  if (state === null) return;
  const now = new Date(Date.now() + state.aheadSeconds * 1000);
  const [date, time] = now.toISOString().slice(0, 19).split("T");
  byId("clock-date").textContent = date;
  byId("clock-time").textContent = `${time} UTC`;
  const ahead = byId("clock-ahead");
  ahead.hidden = state.aheadSeconds === 0;
  ahead.textContent = `${inWords(state.aheadSeconds)} ahead`;
}

/** @param {number} seconds */
function inWords(seconds) {
  if (seconds >= 172_800) return `${(seconds / 86_400).toFixed(1)} days`;
  return seconds >= 7_200 ? `${(seconds / 3_600).toFixed(1)} h` : `${Math.round(seconds / 60)} min`;
}

export function start() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-advance]"))) {
    const advanceSeconds = Number(button.dataset.advance);
    button.addEventListener(
      "click",
      doing(() => post("/simulator/clock", { advanceSeconds })),
    );
  }
  setInterval(draw, 1000);
}
