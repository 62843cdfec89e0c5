/**
 * A lane keeps one number for each message that was out before. It holds two counts: in the low 16
 * bits how often it was handed out, above them how often it failed, which is what the delivery
 * limit is about. A start adds one to the number of what was out, which is a hand-out.
 */
const SHIFT = 0x1_0000
/** Counting stops here, far from the other count. */
const COUNT_MAX = 0x7fff

export const handOutsOf = (counts: number): number => counts % SHIFT
export const failuresOf = (counts: number): number => Math.floor(counts / SHIFT)

/** The number of a message that comes back once more. */
export function returnedOnce(counts: number, isCounted: boolean): number {
  const handOuts = Math.min(handOutsOf(counts) + 1, COUNT_MAX)
  const failures = failuresOf(counts) + (isCounted ? 1 : 0)
  return Math.min(failures, COUNT_MAX) * SHIFT + handOuts
}
