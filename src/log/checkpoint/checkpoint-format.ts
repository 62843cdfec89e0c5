import { Offset } from '../../lib/brand.ts'
import { crc32c } from '../../lib/crc32c.ts'
import type { Catalogue, RestoredLog } from '../catalogue.ts'
import type { SegmentRef } from '../internals.ts'
import { LogId, type LogPolicy } from '../store.ts'

/**
 * A checkpoint: all state as of a slot boundary; docs/formats/checkpoint.md draws it.
 *
 *   magic 4 | version 4 | description length 4 | description (JSON) | rows | snapshots | crc 4
 */
const MAGIC = 0x504b4353 // "SCKP"
const VERSION = 1
const HEAD_BYTES = 12
const LOG_NUMBERS = 5
const SEGMENT_NUMBERS = 8

export type Checkpoint = {
  /** The state is that of all slots below this one. */
  readonly slot: number
  readonly segmentedBelow: number
  /** True when the chain was ended properly: the broker was stopped, not killed. */
  readonly isFinal: boolean
  readonly nextLog: number
  readonly logs: readonly RestoredLog[]
  readonly machines: ReadonlyMap<string, Buffer>
}

type Description = {
  readonly slot: number
  readonly segmentedBelow: number
  readonly isFinal: boolean
  readonly nextLog: number
  readonly logCount: number
  readonly segmentCount: number
  readonly policies: readonly LogPolicy[]
  readonly machines: readonly { readonly name: string; readonly bytes: number }[]
}

/** Reads the whole state at once, so what it makes is of one moment. */
export function encodeCheckpoint(
  slot: number,
  isFinal: boolean,
  catalogue: Catalogue,
  machines: ReadonlyMap<string, Buffer>,
): Buffer {
  const policies = new Table()
  const rows: number[] = []
  const segments: number[] = []
  for (const log of catalogue.logs()) {
    const { id, policy, startOffset, endOffset, segments: refs } = log
    rows.push(id, policies.index(policy), startOffset, endOffset, refs.length)
    for (const ref of refs) pushSegment(segments, ref)
  }
  const description: Description = {
    slot,
    segmentedBelow: catalogue.segmentedBelow,
    isFinal,
    nextLog: catalogue.nextLog,
    logCount: rows.length / LOG_NUMBERS,
    segmentCount: segments.length / SEGMENT_NUMBERS,
    policies: policies.values,
    machines: [...machines].map(([name, bytes]) => ({ name, bytes: bytes.length })),
  }
  const text = Buffer.from(JSON.stringify(description))
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(VERSION, 4)
  head.writeUInt32LE(text.length, 8)
  const parts = [head, text, doubles(rows), doubles(segments), ...machines.values()]
  const whole = Buffer.concat([...parts, Buffer.alloc(4)])
  whole.writeUInt32LE(crc32c(whole, 0, whole.length - 4), whole.length - 4)
  return whole
}

/** Undefined when these are not the bytes of a checkpoint as they were written. */
export function decodeCheckpoint(source: Buffer): Checkpoint | undefined {
  const end = source.length - 4
  if (end < HEAD_BYTES || source.readUInt32LE(0) !== MAGIC) return undefined
  if (crc32c(source, 0, end) !== source.readUInt32LE(end)) return undefined
  const textEnd = HEAD_BYTES + source.readUInt32LE(8)
  const text = source.toString('utf8', HEAD_BYTES, textEnd)
  const description = JSON.parse(text) as Description // Its checksum held.
  const { logCount, segmentCount } = description
  const segmentsAt = textEnd + logCount * LOG_NUMBERS * 8
  const machinesAt = segmentsAt + segmentCount * SEGMENT_NUMBERS * 8
  const machines = new Map<string, Buffer>()
  let at = machinesAt
  for (const { name, bytes } of description.machines) {
    machines.set(name, source.subarray(at, at + bytes))
    at += bytes
  }
  const { slot, segmentedBelow, isFinal, nextLog } = description
  const logs = readLogs(source, textEnd, segmentsAt, description)
  return { slot, segmentedBelow, isFinal, nextLog, logs, machines }
}

function readLogs(
  source: Buffer,
  logsAt: number,
  segmentsAt: number,
  description: Description,
): RestoredLog[] {
  const logs: RestoredLog[] = []
  let segmentAt = segmentsAt
  for (let index = 0; index < description.logCount; index++) {
    const at = logsAt + index * LOG_NUMBERS * 8
    const number = (column: number): number => source.readDoubleLE(at + column * 8)
    const id = LogId(number(0))
    const segments: SegmentRef[] = []
    for (let left = number(4); left > 0; left--) {
      segments.push(readSegment(source, segmentAt, id))
      segmentAt += SEGMENT_NUMBERS * 8
    }
    logs.push({
      id,
      policy: description.policies[number(1)]!,
      startOffset: Offset(number(2)),
      endOffset: Offset(number(3)),
      segments,
    })
  }
  return logs
}

function pushSegment(numbers: number[], ref: SegmentRef): void {
  const { file, baseOffset, endOffset, position, sizeBytes, maxTimestamp, createdAt } = ref
  numbers.push(file, baseOffset, endOffset, position, sizeBytes, maxTimestamp, createdAt)
  numbers.push(ref.isCompacted ? 1 : 0)
}

function readSegment(source: Buffer, at: number, log: LogId): SegmentRef {
  const number = (column: number): number => source.readDoubleLE(at + column * 8)
  return {
    file: number(0),
    log,
    baseOffset: Offset(number(1)),
    endOffset: Offset(number(2)),
    position: number(3),
    sizeBytes: number(4),
    maxTimestamp: number(5),
    createdAt: number(6),
    isCompacted: number(7) === 1,
  }
}

/** Most logs share a policy: each is written once. */
class Table {
  readonly values: LogPolicy[] = []
  readonly #indexes = new Map<string, number>()
  #last: LogPolicy | null = null
  #lastIndex = 0

  index(policy: LogPolicy): number {
    if (policy === this.#last) return this.#lastIndex
    const key = JSON.stringify(policy)
    let index = this.#indexes.get(key)
    if (index === undefined) {
      index = this.values.push(policy) - 1
      this.#indexes.set(key, index)
    }
    this.#last = policy
    this.#lastIndex = index
    return index
  }
}

function doubles(numbers: readonly number[]): Buffer {
  const target = Buffer.allocUnsafe(numbers.length * 8)
  for (let index = 0; index < numbers.length; index++) {
    target.writeDoubleLE(numbers[index]!, index * 8)
  }
  return target
}
