import {
  type EntryId,
  idAfter,
  idBefore,
  idMax,
  idMin,
  WHOLE_MAX,
  type Whole,
  whole,
} from '../../../../broker/entries/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import { ReplyError } from '../../errors.ts'

const MINUS = 0x2d
const PLUS = 0x2b
const STAR = 0x2a
const PARENTHESIS = 0x28
const ZERO = 0x30
/** So many digits are always a safe integer. */
const SAFE_DIGITS = 15
/** A longer word is no id. */
const ID_BYTES_MAX = 127
/** What C's `strtoull` reads. */
const NUMBER = /^[ \t\n\v\f\r]*\+?0*(\d{1,20})$/

export const invalidId = (): ReplyError =>
  new ReplyError('ERR Invalid stream ID specified as stream command argument')

/** Whether a word is this one byte: `*`, `$`, `>`, `+`. */
export const isSign = ({ bytes, starts, ends }: Arguments, index: number, sign: number): boolean =>
  ends[index]! - starts[index]! === 1 && bytes[starts[index]!] === sign

export const isStar = (args: Arguments, index: number): boolean => isSign(args, index, STAR)

/** `ms-seq`, or `ms` with the sequence that is given for it. Undefined when it is none. */
export function parsedId(args: Arguments, index: number, seqMissing: Whole): EntryId | undefined {
  return idIn(args.bytes, args.starts[index]!, args.ends[index]!, seqMissing)
}

/** The same, or an error. */
export function idAt(args: Arguments, index: number, seqMissing: Whole = 0): EntryId {
  const id = parsedId(args, index, seqMissing)
  if (id === undefined) throw invalidId()
  return id
}

/** Also `-` and `+`, the least and the greatest one. */
export function looseIdAt(args: Arguments, index: number, seqMissing: Whole = 0): EntryId {
  if (isSign(args, index, MINUS)) return idMin
  if (isSign(args, index, PLUS)) return idMax
  return idAt(args, index, seqMissing)
}

/** `ms-*`, with which the stream chooses the sequence: null for it. */
export function newIdAt(
  args: Arguments,
  index: number,
): { readonly ms: Whole; readonly seq: Whole | null } {
  const { bytes } = args
  const start = args.starts[index]!
  const end = args.ends[index]!
  const isOpen = end - start >= 3 && bytes[end - 1] === STAR && bytes[end - 2] === MINUS
  if (!isOpen || end - start > ID_BYTES_MAX) return idAt(args, index)
  const ms = wholeIn(bytes, start, end - 2)
  if (ms === undefined) throw invalidId()
  return { ms, seq: null }
}

/** The start of an interval: `(` in front leaves the id itself out. */
export function fromAt(args: Arguments, index: number): EntryId {
  if (!isOpenAt(args, index)) return looseIdAt(args, index)
  const from = idAfter(openIdAt(args, index, 0))
  if (from === undefined) throw new ReplyError('ERR invalid start ID for the interval')
  return from
}

export function toAt(args: Arguments, index: number): EntryId {
  if (!isOpenAt(args, index)) return looseIdAt(args, index, WHOLE_MAX)
  const to = idBefore(openIdAt(args, index, WHOLE_MAX))
  if (to === undefined) throw new ReplyError('ERR invalid end ID for the interval')
  return to
}

/** Words from one index to another, not included. */
export function idsAt(args: Arguments, first: number, end: number): EntryId[] {
  const ids: EntryId[] = []
  for (let index = first; index < end; index++) ids.push(idAt(args, index))
  return ids
}

const isOpenAt = ({ bytes, starts, ends }: Arguments, index: number): boolean =>
  ends[index]! - starts[index]! > 1 && bytes[starts[index]!] === PARENTHESIS

function openIdAt({ bytes, starts, ends }: Arguments, index: number, seqMissing: Whole): EntryId {
  const id = idIn(bytes, starts[index]! + 1, ends[index]!, seqMissing)
  if (id === undefined) throw invalidId()
  return id
}

function idIn(bytes: Buffer, start: number, end: number, seqMissing: Whole): EntryId | undefined {
  if (end - start > ID_BYTES_MAX) return undefined
  let dash = start
  while (dash < end && bytes[dash] !== MINUS) dash++
  const ms = wholeIn(bytes, start, dash)
  if (ms === undefined) return undefined
  if (dash === end) return { ms, seq: seqMissing }
  const seq = wholeIn(bytes, dash + 1, end)
  return seq === undefined ? undefined : { ms, seq }
}

function wholeIn(bytes: Buffer, start: number, end: number): Whole | undefined {
  if (end - start > SAFE_DIGITS) return longIn(bytes, start, end)
  if (start === end) return undefined
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return longIn(bytes, start, end)
    value = value * 10 + digit
  }
  return value
}

function longIn(bytes: Buffer, start: number, end: number): Whole | undefined {
  const digits = NUMBER.exec(bytes.toString('latin1', start, end))?.[1]
  if (digits === undefined) return undefined
  const value = BigInt(digits)
  return value > WHOLE_MAX ? undefined : whole(value)
}
