import { Offset } from '../../lib/brand.ts'
import { givenBack } from '../../lib/given-back.ts'
import { LogId, type BatchSummary } from '../store.ts'
import type { Slab, SlabPool } from './slabs.ts'
import { BATCH_ENTRY_BYTES, readInt64, writeInt32, writeInt64 } from './slot-format.ts'

/**
 * The index of a slot: what happened, in order. Events carry their bytes with them, so recovery
 * reads headers and indexes, and no batch.
 *
 *   batch:   1 | flags | producerEpoch 2 | log 4 | baseOffset 8 | offsets 4 | count 4 | at 4
 *            | bytes 4 | crc 4 | baseSequence 4 | producerId 8 | maxTimestamp 8
 *   machine: 2 | name length 1 | 0 2 | length 4 | name | bytes
 *   store:   3 | 0 3 | length 4 | bytes
 */
const BATCH = 1
const MACHINE = 2
const STORE = 3
const TRANSACTIONAL = 1
const CONTROL = 2
const EVENT_HEAD_BYTES = 8

export type BatchEntry = {
  readonly kind: 'batch'
  readonly log: LogId
  /** Where the batch lies, from the beginning of the slot's body. */
  readonly bodyPosition: number
  readonly batchCrc: number
  readonly summary: BatchSummary
}

export type IndexEntry =
  | BatchEntry
  | { readonly kind: 'machine'; readonly machine: string; readonly event: Buffer }
  | { readonly kind: 'store'; readonly event: Buffer }

const LOOP_MAX = 64

/**
 * Written into a slab as far as that reaches, then into a larger room in another. In front there is
 * room for the slot header, so both are one run of bytes. One index is written at a time.
 */
export class IndexWriter {
  readonly #pool: SlabPool
  #slab: Slab
  #target: Buffer
  #start: number
  #at: number
  #count = 0

  constructor(headBytes: number, pool: SlabPool) {
    this.#pool = pool
    this.#slab = pool.withRoom(headBytes)
    this.#slab.users++
    this.#target = this.#slab.bytes
    this.#start = this.#slab.at
    this.#at = this.#start + headBytes
  }

  get count(): number {
    return this.#count
  }

  get sizeBytes(): number {
    return this.#at - this.#start
  }

  batch(log: LogId, bodyPosition: number, batchCrc: number, summary: BatchSummary): void {
    const at = this.#reserve(BATCH_ENTRY_BYTES)
    const target = this.#target
    target[at] = BATCH
    target[at + 1] =
      (summary.isTransactional ? TRANSACTIONAL : 0) | (summary.isControl ? CONTROL : 0)
    target[at + 2] = summary.producerEpoch
    target[at + 3] = summary.producerEpoch >> 8
    writeInt32(target, log, at + 4)
    writeInt64(target, summary.baseOffset, at + 8)
    writeInt32(target, summary.lastOffset - summary.baseOffset, at + 16)
    writeInt32(target, summary.count, at + 20)
    writeInt32(target, bodyPosition, at + 24)
    writeInt32(target, summary.sizeBytes, at + 28)
    writeInt32(target, batchCrc, at + 32)
    writeInt32(target, summary.baseSequence, at + 36)
    writeInt64(target, summary.producerId, at + 40)
    writeInt64(target, summary.maxTimestamp, at + 48)
  }

  machine(name: string, event: Buffer, start = 0, end: number = event.length): void {
    // What is short is copied by a loop, faster than by a call of native code. Names are ASCII.
    const nameBytes = name.length
    let at = this.#event(MACHINE, nameBytes, end - start)
    const target = this.#target
    for (let index = 0; index < nameBytes; index++) target[at++] = name.charCodeAt(index)
    if (end - start > LOOP_MAX) event.copy(target, at, start, end)
    else for (let from = start; from < end; from++) target[at++] = event[from]!
  }

  store(event: Buffer): void {
    const at = this.#event(STORE, 0, event.length) // May grow the target.
    event.copy(this.#target, at)
  }

  /** The bytes so far, head included. Nothing is added afterwards. */
  finish(): Buffer {
    this.#slab.at = this.#at
    return this.#target.subarray(this.#start, this.#at)
  }

  /** Once it is finished: from then on others write where it was. */
  release(): void {
    givenBack(this.#target, this.#start, this.#at)
    this.#pool.release(this.#slab)
  }

  #event(type: number, nameBytes: number, eventBytes: number): number {
    const at = this.#reserve(EVENT_HEAD_BYTES + nameBytes + eventBytes)
    this.#target[at] = type
    this.#target[at + 1] = nameBytes
    this.#target[at + 2] = 0
    this.#target[at + 3] = 0
    writeInt32(this.#target, eventBytes, at + 4)
    return at + EVENT_HEAD_BYTES
  }

  #reserve(bytes: number): number {
    if (this.#at + bytes > this.#target.length) this.#moveOn(bytes)
    const at = this.#at
    this.#at += bytes
    this.#count++
    return at
  }

  #moveOn(bytes: number): void {
    const { sizeBytes } = this
    const before = this.#slab
    const slab = this.#pool.withRoom(Math.max(2 * sizeBytes, sizeBytes + bytes))
    slab.users++
    before.bytes.copy(slab.bytes, slab.at, this.#start, this.#at)
    this.#pool.release(before)
    this.#slab = slab
    this.#target = slab.bytes
    this.#start = slab.at
    this.#at = this.#start + sizeBytes
  }
}

/** The entries of an index whose checksum was verified. */
export function* readIndex(index: Buffer): Generator<IndexEntry> {
  for (let at = 0; at < index.length; ) {
    if (index[at] === BATCH) {
      yield readBatchEntry(index, at)
      at += BATCH_ENTRY_BYTES
      continue
    }
    const nameEnd = at + EVENT_HEAD_BYTES + index[at + 1]!
    const end = nameEnd + index.readUInt32LE(at + 4)
    const event = index.subarray(nameEnd, end)
    if (index[at] === STORE) yield { kind: 'store', event }
    else {
      const machine = index.toString('utf8', at + EVENT_HEAD_BYTES, nameEnd)
      yield { kind: 'machine', machine, event }
    }
    at = end
  }
}

function readBatchEntry(index: Buffer, at: number): BatchEntry {
  const baseOffset = readInt64(index, at + 8)
  return {
    kind: 'batch',
    log: LogId(index.readUInt32LE(at + 4)),
    bodyPosition: index.readUInt32LE(at + 24),
    batchCrc: index.readUInt32LE(at + 32),
    summary: {
      baseOffset: Offset(baseOffset),
      lastOffset: Offset(baseOffset + index.readUInt32LE(at + 16)),
      count: index.readUInt32LE(at + 20),
      sizeBytes: index.readUInt32LE(at + 28),
      maxTimestamp: readInt64(index, at + 48),
      producerId: readInt64(index, at + 40),
      producerEpoch: index.readInt16LE(at + 2),
      baseSequence: index.readInt32LE(at + 36),
      isTransactional: (index[at + 1]! & TRANSACTIONAL) !== 0,
      isControl: (index[at + 1]! & CONTROL) !== 0,
    },
  }
}
