// Waiting for conditions. Nothing in these tests sleeps for an outcome.

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Polls until `holds` gives something true, and gives it back; throws with `what` and the last
 *  value seen when the time is up. */
export async function until(what, holds, ms = 20_000) {
  const end = Date.now() + ms;
  let last;
  for (;;) {
    try {
      last = await holds();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`Not within ${ms / 1000} s: ${what} (last seen: ${seen})`);
    }
    await pause(100);
  }
}
