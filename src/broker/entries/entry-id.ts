import { WHOLE_MAX, type Whole, wholeAfter, wholeBefore } from '../../lib/whole.ts'

export { WHOLE_MAX, type Whole, whole } from '../../lib/whole.ts'

/** Names an entry of a stream: milliseconds, and a number among those of one millisecond. */
export type EntryId = { readonly ms: Whole; readonly seq: Whole }

export const idMin: EntryId = { ms: 0, seq: 0 }
export const idMax: EntryId = { ms: WHOLE_MAX, seq: WHOLE_MAX }

/** Negative when `one` comes first, 0 when they are the same. */
export function compareIds(one: EntryId, other: EntryId): number {
  return compareParts(one.ms, one.seq, other.ms, other.seq)
}

/** The same for ids in parts. */
export function compareParts(ms: Whole, seq: Whole, otherMs: Whole, otherSeq: Whole): number {
  if (ms !== otherMs) return ms < otherMs ? -1 : 1
  if (seq === otherSeq) return 0
  return seq < otherSeq ? -1 : 1
}

/** The least id behind this one; undefined behind the last. */
export function idAfter({ ms, seq }: EntryId): EntryId | undefined {
  const seqAfter = wholeAfter(seq)
  if (seqAfter !== undefined) return { ms, seq: seqAfter }
  const msAfter = wholeAfter(ms)
  return msAfter === undefined ? undefined : { ms: msAfter, seq: 0 }
}

/** The greatest id before this one; undefined before the first. */
export function idBefore({ ms, seq }: EntryId): EntryId | undefined {
  const seqBefore = wholeBefore(seq)
  if (seqBefore !== undefined) return { ms, seq: seqBefore }
  const msBefore = wholeBefore(ms)
  return msBefore === undefined ? undefined : { ms: msBefore, seq: WHOLE_MAX }
}

export const isZero = ({ ms, seq }: EntryId): boolean => ms === 0 && seq === 0
