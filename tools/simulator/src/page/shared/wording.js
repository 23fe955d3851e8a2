// @ts-check
/** How times and values are written for people. */

const clock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** The viewer's local time. @param {string} instant */
export const timeOf = (instant) => clock.format(new Date(instant));

/** @param {number} ms */
export function duration(ms) {
  if (ms < 0.1) return "<0.1 ms";
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `WTabc…` as `WT…b896`. @param {string} sid */
export const short = (sid) => (sid.length > 10 ? `${sid.slice(0, 2)}…${sid.slice(-4)}` : sid);

/** A text whose SIDs are short. @param {string} text */
export const shortened = (text) => text.replaceAll(/\b[A-Z]{2}[0-9a-f]{32}\b/g, short);

/** @param {number} count @param {string} noun */
export const counted = (count, noun) => `${count} ${plural(count, noun)}`;

/** @param {number} count @param {string} noun */
function plural(count, noun) {
  if (count === 1) return noun;
  return noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** How many characters of JSON fit on a line. */
const LINE = 34;

/**
 * JSON text with line breaks and indents where it needs them, every token as it stands: a number keeps its own digits.
 * Text that is no JSON stays as it is.
 *
 * @param {string} text
 */
export function pretty(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  return laidOut(tokens, matching(tokens));
}

/** @param {string[]} tokens @returns {Map<number, number>} Where each bracket that opens is closed. */
function matching(tokens) {
  const ends = new Map();
  const open = [];
  for (const [place, token] of tokens.entries()) {
    if (token === "{" || token === "[") open.push(place);
    if (token === "}" || token === "]") ends.set(open.pop(), place);
  }
  return ends;
}

/** @param {string[]} tokens @param {Map<number, number>} ends */
function laidOut(tokens, ends) {
  let level = 0;
  let out = "";
  for (let place = 0; place < tokens.length; place += 1) {
    const token = tokens[place];
    const end = ends.get(place);
    const whole = end === undefined ? "" : onOneLine(tokens.slice(place, end + 1));
    if (end !== undefined && whole.length + 2 * level <= LINE) {
      out += whole;
      place = end;
      continue;
    }
    if (end !== undefined) level += 1;
    if (token === "}" || token === "]") out += broken((level -= 1));
    out += token === ":" ? ": " : token;
    if (end !== undefined || token === ",") out += broken(level);
  }
  return out;
}

/** @param {number} level */
const broken = (level) => `\n${"  ".repeat(level)}`;

/** @param {string[]} tokens */
const onOneLine = (tokens) => tokens.map((token) => (token === ":" || token === "," ? `${token} ` : token)).join("");
