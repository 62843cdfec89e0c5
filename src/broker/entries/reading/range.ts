import { StoredMessage } from '../../../message/stored-message.ts'
import { compareIds, compareParts, type EntryId, idAfter, idMax, idMin } from '../entry-id.ts'
import type { EntryView, Span } from '../entry.ts'
import type { StreamState } from '../stream-state.ts'
import type { EntryWalk } from './walk.ts'
import type { Walks } from './walks.ts'

/** A log is read backwards by stretches: from one point of the index to the next, or so many. */
const STRETCH = 128

export type Ranged = {
  /** Both included. Absent: from the first, up to the last. */
  readonly from?: EntryId
  readonly to?: EntryId
  /** 0: all. */
  readonly count: number
  readonly isReversed: boolean
}

const nothing = (isReversed: boolean): Span => ({ count: 0, isReversed, first: 0, end: 0 })

/** Counts; what is found is shown by `show`. */
export function range(walks: Walks, state: StreamState, wanted: Ranged): Span {
  const { from = idMin, to = idMax, count, isReversed } = wanted
  if (state.length === 0 || compareIds(from, to) > 0) return nothing(isReversed)
  if (isReversed) return rangeBack(walks, state, { from, to, count })
  const { look } = walks.of(state)
  if (compareParts(state.topMs, state.topSeq, from.ms, from.seq) < 0) return nothing(false)
  if (!look.toId(from.ms, from.seq, state.first)) return nothing(false)
  return countOn(look, state, to, count)
}

/** From where the walk stands. */
export function countOn(look: EntryWalk, state: StreamState, to: EntryId, countMax: number): Span {
  const { first: start, gone } = state
  let first = -1
  let end = 0
  let count = 0
  do {
    const { offset } = look
    if (offset < start || gone.has(offset)) continue
    if (compareParts(look.ms, look.seq, to.ms, to.seq) > 0) break
    if (first < 0) first = offset
    end = offset + 1
    if (++count === countMax) break
  } while (look.next())
  return first < 0 ? nothing(false) : { count, isReversed: false, first, end }
}

function rangeBack(
  walks: Walks,
  state: StreamState,
  { from, to, count: countMax }: { from: EntryId; to: EntryId; count: number },
): Span {
  const { look } = walks.of(state)
  const { first: start, gone } = state
  const behind = idAfter(to)
  const isAbove = compareParts(state.topMs, state.topSeq, to.ms, to.seq) > 0
  let end = state.end
  if (isAbove && behind !== undefined && look.toId(behind.ms, behind.seq, start)) end = look.offset
  let first = end
  let count = 0
  let isDone = false
  for (let stretchEnd = end; stretchEnd > start && !isDone; ) {
    const stretchStart = stretchBefore(state, stretchEnd)
    const found: number[] = []
    for (
      let has = look.toOffset(stretchStart);
      has && look.offset < stretchEnd;
      has = look.next()
    ) {
      if (gone.has(look.offset)) continue
      if (compareParts(look.ms, look.seq, from.ms, from.seq) < 0) isDone = true
      else found.push(look.offset)
    }
    const left = countMax === 0 ? found.length : countMax - count
    if (found.length >= left && countMax > 0) isDone = true
    const taken = found.slice(Math.max(0, found.length - left))
    count += taken.length
    if (taken.length > 0) first = taken[0]!
    stretchEnd = stretchStart
  }
  return count === 0 ? nothing(true) : { count, isReversed: true, first, end }
}

function stretchBefore(state: StreamState, end: number): number {
  const { index, first, bornAt } = state
  const point = index.atOrBefore(end - 1)
  const known = point < 0 ? 0 : index.offset(point)
  const start = end <= bornAt ? end - STRETCH : Math.max(known, bornAt)
  return Math.max(first, start)
}

/** Each in turn, in the span's direction. */
export function show(
  walks: Walks,
  state: StreamState,
  span: Span,
  visit: (entry: EntryView) => void,
): void {
  if (span.count === 0) return
  if (span.isReversed) return showBack(walks, state, span, visit)
  const { show: walk } = walks.of(state)
  const { gone } = state
  for (let has = walk.toOffset(span.first); has && walk.offset < span.end; has = walk.next())
    if (!gone.has(walk.offset)) visit(walks.view(walk))
}

type Kept = { readonly message: StoredMessage; readonly id: EntryId }

function showBack(
  walks: Walks,
  state: StreamState,
  { first, end }: Span,
  visit: (entry: EntryView) => void,
): void {
  const { show: walk } = walks.of(state)
  for (let stretchEnd = end; stretchEnd > first; ) {
    const stretchStart = Math.max(first, stretchBefore(state, stretchEnd))
    const kept: Kept[] = []
    for (
      let has = walk.toOffset(stretchStart);
      has && walk.offset < stretchEnd;
      has = walk.next()
    ) {
      if (state.gone.has(walk.offset)) continue
      const message = Object.assign(new StoredMessage(), walk.message)
      kept.push({ message, id: { ms: walk.ms, seq: walk.seq } })
    }
    for (const { message, id } of kept.reverse()) visit(walks.viewOf(walk, message, id))
    stretchEnd = stretchStart
  }
}

export function showOne(
  walks: Walks,
  state: StreamState,
  { ms, seq }: EntryId,
  visit: (entry: EntryView) => void,
): boolean {
  const { show: walk } = walks.of(state)
  if (!stand(walk, state, ms, seq)) return false
  visit(walks.view(walk))
  return true
}

/** The offset of an entry that is there; -1: there is none of that id. */
export function find(walks: Walks, state: StreamState, { ms, seq }: EntryId): number {
  const { look } = walks.of(state)
  return stand(look, state, ms, seq) ? look.offset : -1
}

function stand(
  walk: EntryWalk,
  state: StreamState,
  ms: EntryId['ms'],
  seq: EntryId['seq'],
): boolean {
  if (state.length === 0 || compareParts(ms, seq, state.topMs, state.topSeq) > 0) return false
  const isFound = walk.toId(ms, seq, state.first) && walk.ms === ms && walk.seq === seq
  return isFound && state.isThere(walk.offset)
}
