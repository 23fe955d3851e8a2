// @ts-check
/** One tab stop for a long list: the arrow keys move among its rows, open them and close them. */

/** The row that has the tab stop. */
let current = "";

/** @param {HTMLElement} list */
const rowsOf = (list) => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-row]")]);

/** Gives one row the tab stop, after the list was drawn. @param {HTMLElement} list */
export function rove(list) {
  const rows = rowsOf(list);
  const stop = rows.find((row) => row.dataset.row === current) ?? rows[0];
  for (const row of rows) row.tabIndex = row === stop ? 0 : -1;
}

/** @param {HTMLElement} list */
export function start(list) {
  list.addEventListener("focusin", (event) => {
    const row = event.target instanceof HTMLElement ? event.target.dataset.row : undefined;
    if (row === undefined || row === current) return;
    current = row;
    rove(list);
  });
  list.addEventListener("keydown", (event) => {
    const row = event.target;
    if (!(row instanceof HTMLElement) || row.dataset.row === undefined) return;
    if (pressed(rowsOf(list), row, event.key)) event.preventDefault();
  });
}

/** @param {HTMLElement[]} rows @param {HTMLElement} row @param {string} key @returns {boolean} Whether it means something. */
function pressed(rows, row, key) {
  const place = rows.indexOf(row);
  const target = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: rows.length - 1 }[key];
  if (target !== undefined) {
    rows[target]?.focus();
    return true;
  }
  const isOpen = row.getAttribute("aria-expanded");
  if ((key === "ArrowRight" && isOpen === "false") || (key === "ArrowLeft" && isOpen === "true")) {
    row.click();
    return true;
  }
  return false;
}
