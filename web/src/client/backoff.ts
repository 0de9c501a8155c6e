// How long to wait before the next attempt to connect. Pure.

const FIRST_MS = 250;
const LONGEST_MS = 5_000; // well inside the 45 s in which the server keeps a lost device's calls

/** Doubles per attempt; the upper half is random, so that clients of one server do not come in step. */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
