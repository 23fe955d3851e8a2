// @ts-check
/** Which values have changed a moment ago. */

/** How long a change stays lit, in milliseconds. */
const LIT = 6000;

/** Remembers the values of one list, and which of them have just changed. */
export class Highlights {
  /** @param {() => void} expired Called when something is no longer new. */
  constructor(expired) {
    this.expired = expired;
    /** @type {string | null} */
    this.subject = null;
    /** @type {Map<string, string>} */
    this.values = new Map();
    /** @type {Map<string, {word: "new" | "changed", until: number}>} */
    this.lit = new Map();
  }

  /**
   * @param {string} subject Whose values they are: another one's are no change.
   * @param {[string, string][]} values
   */
  note(subject, values) {
    if (subject !== this.subject) {
      this.subject = subject;
      this.lit.clear();
    } else {
      for (const [name, value] of values) this.compare(name, value);
    }
    this.values = new Map(values);
  }

  /** @param {string} name @param {string} value */
  compare(name, value) {
    const before = this.values.get(name);
    if (before === value) return;
    this.lit.set(name, { word: before === undefined ? "new" : "changed", until: Date.now() + LIT });
    setTimeout(this.expired, LIT + 50);
  }

  /** @param {string} name @returns {"new" | "changed" | null} */
  of(name) {
    const lit = this.lit.get(name);
    return lit && lit.until > Date.now() ? lit.word : null;
  }
}
