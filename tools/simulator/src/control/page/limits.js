// @ts-check
/** The names of Twilio's resources that are not simulated. */

import { get } from "./api.js";
import { byId, h, render } from "./dom.js";

/** @type {string[] | null} */
let names = null;

/** @param {import("./store.js").Model} model */
export async function draw({ place }) {
  if (place.view !== "limits" || names !== null) return;
  names = [];
  try {
    names = /** @type {string[]} */ (await get("/simulator/not-simulated"));
  } catch {
    // The next drawing asks again.
    names = null;
    return;
  }
  render(
    byId("limit-list"),
    names.map((name) => h("li", { key: name }, name)),
  );
}
