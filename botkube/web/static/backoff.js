/** Owns how long to wait before the next try: doubling, capped, with jitter so that many pages do not return at once. Pure. */

const FIRST_MS = 400;
const MAXIMUM_MS = 15_000;
const JITTER = 0.2;

/**
 * @param {number} attempt 0 for the first
 * @param {number} [random] in [0, 1)
 * @returns {number} milliseconds
 */
export function delay(attempt, random = 0.5) {
  const base = Math.min(FIRST_MS * 2 ** Math.min(attempt, 20), MAXIMUM_MS);
  return Math.round(base * (1 + JITTER * (2 * random - 1)));
}
