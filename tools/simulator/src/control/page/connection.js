// @ts-check
/** The state of the connection to the simulator. */

import { byId } from "./dom.js";

const TEXTS = { connecting: "Connecting…", live: "Live", lost: "Not connected, trying again…" };

/** @param {import("./store.js").Model} model */
export function draw({ connection }) {
  const line = byId("connection");
  document.body.dataset.connection = connection;
  if (line.dataset.connection === connection) return;
  line.dataset.connection = connection;
  line.textContent = TEXTS[connection];
}
