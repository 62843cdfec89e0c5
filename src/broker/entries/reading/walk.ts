import { MalformedError } from '../../../lib/bytes/index.ts'
import { Offset } from '../../../lib/brand.ts'
import { type Whole, WHOLE_MAX, wholePlus } from '../../../lib/whole.ts'
import { limits } from '../../../limits/limits.ts'
import {
  baseOffsetOf,
  CodecMissingError,
  lastOffsetOf,
  maxTimestampOf,
} from '../../../log/batch/index.ts'
import type { Log } from '../../../log/store.ts'
import { EntryWords, isEntry } from '../../../message/entry-fields.ts'
import { MessageReader } from '../../../message/message-reader.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import { compareParts, type EntryId } from '../entry-id.ts'
import type { IdIndex } from './id-index.ts'

/** What a walk has to know of a stream. */
export interface Walked {
  readonly log: Log
  /** Offsets below it have the ids 0-1, 0-2, … */
  readonly bornAt: number
  readonly index: IdIndex
  /** Where ids went on from another one than that of the entry before. */
  readonly jumps: IdIndex
}

const NONE: readonly Buffer[] = []
/** So many entries are rather passed over than the batch opened again. */
const PASSED_MAX = 512

/**
 * The id of the first entry that nobody gave one, behind `ms`-`seq`, in a batch of that time. The
 * rule is about batches, since their headers are all that recovery sees: the milliseconds are the
 * batch's, but never less than before, and all of its entries have the same.
 */
export function idBehind(ms: Whole, seq: Whole, batchMs: number): EntryId {
  if (batchMs > ms) return { ms: batchMs, seq: 0 }
  return { ms, seq: wholePlus(seq, 1) ?? WHOLE_MAX }
}

/**
 * Goes through the records of one stream's log in order and tells their ids. An id is in the
 * record where the stream gave it, and follows from the one before where others wrote.
 */
export class EntryWalk {
  /** The record it stands at, and its id. */
  readonly message = new StoredMessage()
  readonly words = new EntryWords()
  ms: Whole = 0
  seq: Whole = 0
  readonly #stream: Walked
  readonly #reader = new MessageReader()
  #batches: readonly Buffer[] = NONE
  #batch = 0
  #opened = -1
  /** The next offset to look at, and the id before it. */
  #next = 0
  #msBefore: Whole = 0
  #seqBefore: Whole = 0
  /** Where others' entries begin in the batch, with their id there; -1: not come to yet. */
  #othersFrom = -1
  #othersMs: Whole = 0
  #othersSeq: Whole = 0
  #bytesNext: number = limits.laneReadBytesMin

  constructor(stream: Walked) {
    this.#stream = stream
  }

  get offset(): number {
    return this.message.offset
  }

  /** To the first record at or behind an offset that is in the log. */
  toOffset(offset: number): boolean {
    const { index, bornAt } = this.#stream
    if (offset < bornAt) this.#begin(offset, 0, offset)
    else {
      const point = index.atOrBefore(offset)
      const from = point < 0 ? bornAt : index.offset(point)
      if (!this.#isNear(offset, from)) this.#beginAt(point)
    }
    while (this.next()) if (this.message.offset >= offset) return true
    return false
  }

  /** To the first record whose id is not below this one. `first` is where the stream begins. */
  toId(ms: Whole, seq: Whole, first: number): boolean {
    const { bornAt, index } = this.#stream
    if (ms === 0 && first < bornAt) {
      // The sequence is the offset and one: it is a number where it can be one of them.
      const wanted = Math.max(first, Number(seq) - 1)
      if (wanted < bornAt) return this.toOffset(wanted)
    }
    const point = index.below(ms, seq)
    const from = Math.max(point < 0 ? bornAt : index.offset(point), first)
    const isBelow = compareParts(this.#msBefore, this.#seqBefore, ms, seq) < 0
    if (!(isBelow && this.#isNear(Infinity, from))) {
      if (!this.toOffset(from)) return false
      if (compareParts(this.ms, this.seq, ms, seq) >= 0) return true
    }
    while (this.next()) if (compareParts(this.ms, this.seq, ms, seq) >= 0) return true
    return false
  }

  /** To the record behind the one it stands at; false when there is none. */
  next(): boolean {
    while (true) {
      if (this.#batch >= this.#batches.length && !this.#load()) return false
      const batch = this.#batches[this.#batch]!
      if (this.#find(batch)) {
        this.#identify(batch)
        return true
      }
      this.#pass(batch)
    }
  }

  /** It may be a long time until it is needed again. */
  rest(): void {
    this.#batches = NONE
    this.#batch = 0
    this.#opened = -1
    this.#reader.close()
    this.#bytesNext = limits.laneReadBytesMin
  }

  /** Ids are not what they were: nothing of what it knew is of use. */
  forget(): void {
    this.rest()
    this.#next = Number.POSITIVE_INFINITY
    this.#msBefore = this.#seqBefore = WHOLE_MAX
  }

  /** Whether going on leads to an offset with no more effort than from `from`. */
  #isNear(offset: number, from: number): boolean {
    if (this.#next > offset || this.#next < this.#stream.log.startOffset) return false
    return this.#next >= from || offset - this.#next < PASSED_MAX
  }

  #beginAt(point: number): void {
    const { index, bornAt } = this.#stream
    if (point < 0) this.#begin(bornAt, 0, bornAt)
    else this.#begin(index.offset(point), index.ms(point), index.seq(point))
  }

  /** What is loaded may hold the offset, too: then it is only opened again. */
  #begin(offset: number, msBefore: Whole, seqBefore: Whole): void {
    const first = this.#batches[0]
    const isHeld = first !== undefined && baseOffsetOf(first) <= offset
    if (isHeld && offset <= lastOffsetOf(this.#batches.at(-1)!)) {
      const found = this.#batches.findIndex(batch => lastOffsetOf(batch) >= offset)
      if (found !== this.#batch || offset < this.#next) this.#opened = -1
      this.#batch = found
    } else this.rest()
    this.#next = offset
    this.#msBefore = msBefore
    this.#seqBefore = seqBefore
    this.#othersFrom = -1
  }

  #load(): boolean {
    const { log } = this.#stream
    if (this.#next < log.startOffset) this.#next = log.startOffset
    if (this.#next >= log.endOffset) return false
    this.#batches = log.readNow(Offset(this.#next), this.#bytesNext)
    this.#bytesNext = Math.min(this.#bytesNext * 2, limits.laneReadBytesMax)
    this.#batch = 0
    this.#opened = -1
    return this.#batches.length > 0
  }

  /** What nobody can unpack has no records for us. */
  #find(batch: Buffer): boolean {
    try {
      if (this.#opened !== this.#batch) {
        this.#opened = this.#batch
        this.#reader.open(batch)
        if (this.#stream.jumps.count > 0) this.#jump(batch)
      }
      return this.#reader.find(this.#next, this.message)
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof CodecMissingError)) throw error
      this.#reader.close()
      return false
    }
  }

  #jump(batch: Buffer): void {
    const { jumps } = this.#stream
    const found = jumps.atOrBefore(this.#next)
    if (found < 0 || jumps.offset(found) !== this.#next || baseOffsetOf(batch) !== this.#next)
      return
    this.#msBefore = jumps.ms(found)
    this.#seqBefore = jumps.seq(found)
  }

  #identify(batch: Buffer): void {
    const { message, words } = this
    const { offset } = message
    const { bornAt, log } = this.#stream
    if (offset < bornAt) {
      this.#at(offset, 0, offset + 1)
      return
    }
    if (isEntry(message)) {
      words.readId(message)
      const isAbove = compareParts(words.ms, words.seq, this.#msBefore, this.#seqBefore) > 0
      if (words.log === log.id && isAbove) {
        this.#othersFrom = -1
        this.#at(offset, words.ms, words.seq)
        return
      }
    }
    this.#startOthers(batch)
    const seq = wholePlus(this.#othersSeq, offset - this.#othersFrom) ?? WHOLE_MAX
    this.#at(offset, this.#othersMs, seq)
  }

  #at(offset: number, ms: Whole, seq: Whole): void {
    this.ms = this.#msBefore = ms
    this.seq = this.#seqBefore = seq
    this.#next = offset + 1
  }

  #startOthers(batch: Buffer): void {
    if (this.#othersFrom >= 0) return
    this.#othersFrom = Math.max(this.#next, baseOffsetOf(batch))
    const { ms, seq } = idBehind(this.#msBefore, this.#seqBefore, maxTimestampOf(batch))
    this.#othersMs = ms
    this.#othersSeq = seq
  }

  /** Offsets at its end that have no record count all the same, as somebody else's. */
  #pass(batch: Buffer): void {
    const last = lastOffsetOf(batch)
    if (last >= this.#next) {
      if (last < this.#stream.bornAt) this.#at(last, 0, last + 1)
      else {
        this.#startOthers(batch)
        const seq = wholePlus(this.#othersSeq, last - this.#othersFrom) ?? WHOLE_MAX
        this.#at(last, this.#othersMs, seq)
      }
    }
    this.#othersFrom = -1
    this.#batch++
  }
}
