import type { LaneOffsets } from './lane-offsets.ts'

/** The first ready one of what was appended; -1 when there is none. */
export function firstReady(offsets: LaneOffsets): number {
  const { detours } = offsets
  const { endOffset } = offsets.log
  if (detours !== null && detours.frontReady > 0) {
    const top = detours.topOfFront(endOffset)
    if (top >= 0) return top
  }
  if (offsets.ready.count > 0) return offsets.ready.first
  offsets.passHoles(endOffset)
  return offsets.cursor < endOffset ? offsets.cursor : -1
}

/** The last ready one of what was appended; -1 when there is none. */
export function lastReady(offsets: LaneOffsets): number {
  const { detours } = offsets
  const { endOffset } = offsets.log
  if (detours === null) {
    if (endOffset > offsets.cursor) return endOffset - 1
    return offsets.ready.last
  }
  if (endOffset - offsets.cursor > detours.holes) {
    const end = offsets.tailSeenAt === endOffset ? offsets.tail : endOffset
    const last = detours.previousPlain(end, offsets.cursor)
    offsets.tail = last + 1
    offsets.tailSeenAt = endOffset
    if (last >= 0) return last
  }
  return offsets.ready.count > 0 ? offsets.ready.last : detours.bottomOfFront()
}

/** Writes the offsets of so many ready ones from an index on, in order, and says how many. */
export function collectReady(
  offsets: LaneOffsets,
  { index, count }: { readonly index: number; readonly count: number },
  into: Float64Array,
): number {
  let filled = 0
  let skip = index
  const { detours } = offsets
  const { endOffset } = offsets.log
  if (detours !== null && skip < detours.frontReady) {
    let at = detours.frontAt(skip)
    for (; filled < count && at >= 0; at = detours.afterOfFront(at)) into[filled++] = at
  }
  skip = Math.max(0, skip - (detours?.frontReady ?? 0))
  if (skip < offsets.ready.count && filled < count) {
    const back = offsets.ready.sorted()
    for (let at = skip; filled < count && at < back.length; at++) into[filled++] = back[at]!
  }
  skip = Math.max(0, skip - offsets.ready.count)
  if (filled === count) return filled
  offsets.passHoles(endOffset)
  if (detours === null || detours.holes === 0) {
    for (let at = offsets.cursor + skip; filled < count && at < endOffset; at++) into[filled++] = at
    return filled
  }
  if (endOffset - offsets.cursor - detours.holes <= skip) return filled
  let at = detours.plainAt(offsets.cursor, skip, endOffset)
  for (; filled < count && at < endOffset; at = detours.nextPlain(at + 1, endOffset))
    into[filled++] = at
  return filled
}

/** Settles all that is ready, and says how many that were. `waiting`: what waits for its time. */
export function purgeReady(offsets: LaneOffsets, waiting: Iterable<number>): number {
  const { detours, ready } = offsets
  const { endOffset } = offsets.log
  const ahead = Math.max(0, endOffset - offsets.cursor)
  const purged = offsets.readyCountTo(endOffset)
  if (purged === 0) return 0
  const back: number[] = []
  const take = (offset: number): void => {
    offsets.takeSettled(offset)
    back.push(offset)
  }
  if (detours !== null)
    for (let at = detours.topOfFront(endOffset); at >= 0; at = detours.topOfFront(endOffset))
      take(at)
  while (ready.count > 0) take(ready.first)
  if (ahead > 0) offsets.skip(endOffset)
  offsets.bytes?.purged(waiting, back)
  return purged
}
