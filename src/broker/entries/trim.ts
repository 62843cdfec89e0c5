import type { OffsetSet } from '../queue/lane/index.ts'
import type { EntryId } from './entry-id.ts'
import type { Trim } from './port.ts'
import type { StreamState } from './stream-state.ts'

/** What is trimmed approximately goes by runs of so many offsets. */
export const RUN_ENTRIES = 100

/** The offset below which entries go. `behind` finds the offset of the first id not below one. */
export function trimmedTo(state: StreamState, trim: Trim, behind: (id: EntryId) => number): number {
  const { first } = state
  const { keep } = trim
  const exact =
    'from' in keep
      ? Math.max(first, behind(keep.from))
      : state.length <= keep.count
        ? first
        : offsetOfLast(state, keep.count)
  return trim.isApproximate ? byRuns(state, exact, trim.countMax, state.gone) : exact
}

/** The offset from which on there are so many entries. */
function offsetOfLast(state: StreamState, count: number): number {
  const { gone, end, first } = state
  if (count === 0) return end
  if (gone.aheadCount === 0) return end - count
  const ranges: [number, number][] = []
  gone.eachRange((from, to) => ranges.push([from, to]))
  let at = end
  let left = count
  while (ranges.length > 0) {
    const [from, to] = ranges.pop()!
    const between = at - 1 - to
    if (between >= left) break
    left -= between
    at = from
  }
  return Math.max(first, at - left)
}

/** The same for a stretch from which nothing was deleted. */
export function trimmedByCount(
  stretch: { readonly first: number; readonly end: number },
  count: number,
  { isApproximate, countMax }: Trim,
): number {
  const exact = Math.max(stretch.first, stretch.end - count)
  return isApproximate ? byRuns(stretch, exact, countMax, null) : exact
}

/** Whole runs only, and no more entries than that. */
function byRuns(
  { first, end }: { readonly first: number; readonly end: number },
  exact: number,
  countMax: number,
  gone: OffsetSet | null,
): number {
  let to = first
  let removed = 0
  while (to < exact) {
    const runEnd = Math.min(end, to - (to % RUN_ENTRIES) + RUN_ENTRIES)
    if (runEnd > exact) break
    let count = runEnd - to
    if (gone !== null && gone.aheadCount > 0)
      for (let offset = to; offset < runEnd; offset++) if (gone.has(offset)) count--
    if (countMax > 0 && removed + count > countMax) break
    removed += count
    to = runEnd
  }
  return to
}
