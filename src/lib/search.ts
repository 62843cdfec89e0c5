/**
 * The first index of `from <= index < end` for which it holds, `end` if there is none, by halving:
 * it has to hold for all that follow, too. The closure costs some 20 ns a search: where that is
 * much, the loop is written out.
 */
export function firstWhere(from: number, end: number, holds: (index: number) => boolean): number {
  let low = from
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
