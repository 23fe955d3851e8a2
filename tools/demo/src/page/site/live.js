// @ts-check
/** The state, as the server sends it after every change. */

import { setConnection, setState } from "./store.js";

export function listen() {
  const source = new EventSource("/live");
  source.addEventListener("state", (event) => setState(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    setConnection("lost");
    // The browser tries again by itself, unless the server's answer was no stream at all.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
}
