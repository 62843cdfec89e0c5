import { Offset } from '../../lib/brand.ts'
import type { Catalogue, RestoredLog } from '../catalogue.ts'
import type { SegmentRef } from '../internals.ts'
import { LogId, type LogPolicy } from '../store.ts'

/**
 * A checkpoint: all state as of a slot boundary; docs/formats/checkpoint.md draws it.
 *
 *   magic 4 | version 4 | pieces of snapshots | rows | description (JSON) | its length 4 | crc 4
 *
 * The description comes last, since what is written bit by bit is as long as it turns out to be.
 */
const MAGIC = 0x504b4353 // "SCKP"
const VERSION = 2
/** Description first: magic 4 | version 4 | its length 4 | it | rows | pieces | crc 4 */
const VERSION_FIRST = 1
const HEAD_BYTES = 8
/** The length of the description, and the checksum. */
const LENGTH_BYTES = 4
const CRC_BYTES = 4
const LOG_NUMBERS = 5
const SEGMENT_NUMBERS = 8

/** What the store itself knows, of one moment. */
export type StoreState = {
  /** The state is that of all slots below this one. */
  readonly slot: number
  readonly segmentedBelow: number
  /** True when the chain was ended properly: the broker was stopped, not killed. */
  readonly isFinal: boolean
  readonly nextLog: number
}

export type Checkpoint = StoreState & {
  readonly logs: readonly RestoredLog[]
  /** Of the snapshots of the state machines, each machine's in their order. */
  readonly pieces: readonly PlacedPiece[]
}

/** A piece of a snapshot, and where in the file it lies. */
export type PlacedPiece = { readonly machine: string } & Span

/** Bytes in a file. */
type Span = { readonly position: number; readonly bytes: number }

/** How many bytes the next piece in the file has, and whose it is. */
export type PieceSize = { readonly name: string; readonly bytes: number }

type Description = StoreState & {
  readonly logCount: number
  readonly segmentCount: number
  readonly policies: readonly LogPolicy[]
  /** A name for each piece, so it may come more than once. */
  readonly machines: readonly PieceSize[]
}

/** Everything but the snapshots, as it is to be written: taken in one moment. */
export type EncodedState = {
  readonly description: Omit<Description, 'machines'>
  readonly rows: Buffer
}

export function encodeState(slot: number, isFinal: boolean, catalogue: Catalogue): EncodedState {
  const policies = new Table()
  const rows: number[] = []
  const segments: number[] = []
  for (const log of catalogue.logs()) {
    const { id, policy, startOffset, endOffset, segments: refs } = log
    rows.push(id, policies.index(policy), startOffset, endOffset, refs.length)
    for (const ref of refs) pushSegment(segments, ref)
  }
  const description = {
    slot,
    segmentedBelow: catalogue.segmentedBelow,
    isFinal,
    nextLog: catalogue.nextLog,
    logCount: rows.length / LOG_NUMBERS,
    segmentCount: segments.length / SEGMENT_NUMBERS,
    policies: policies.values,
  }
  return { description, rows: Buffer.concat([doubles(rows), doubles(segments)]) }
}

/** What a file begins with. The pieces follow. */
export function checkpointHead(): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(MAGIC, 0)
  head.writeUInt32LE(VERSION, 4)
  return head
}

/** What comes behind the pieces. The checksum of everything follows. */
export function checkpointTail(state: EncodedState, machines: readonly PieceSize[]): Buffer {
  const description: Description = { ...state.description, machines }
  const text = Buffer.from(JSON.stringify(description))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(text.length, 0)
  return Buffer.concat([state.rows, text, length])
}

/** What reads a file, wherever it is. */
type Read = (position: number, length: number) => Promise<Buffer>

/** Of a file whose checksum holds; undefined: it is none of a checkpoint. */
export async function decodeCheckpoint(
  sizeBytes: number,
  read: Read,
): Promise<Checkpoint | undefined> {
  if (sizeBytes < HEAD_BYTES + LENGTH_BYTES + CRC_BYTES) return undefined
  const head = await read(0, HEAD_BYTES)
  if (head.readUInt32LE(0) !== MAGIC) return undefined
  const version = head.readUInt32LE(4)
  if (version !== VERSION && version !== VERSION_FIRST) throw strange(version)
  const isFirst = version === VERSION_FIRST
  const span = await (isFirst ? firstDescription(read) : lastDescription(sizeBytes, read))
  const text = await read(span.position, span.bytes)
  const description = JSON.parse(text.toString()) as Description // Its checksum held.
  const { logCount, segmentCount } = description
  const rowBytes = (logCount * LOG_NUMBERS + segmentCount * SEGMENT_NUMBERS) * 8
  const textEnd = span.position + span.bytes
  const rowsAt = isFirst ? textEnd : span.position - rowBytes
  const logs = readLogs(await read(rowsAt, rowBytes), description)
  const pieces = placed(description.machines, isFirst ? rowsAt + rowBytes : HEAD_BYTES)
  const { slot, segmentedBelow, isFinal, nextLog } = description
  return { slot, segmentedBelow, isFinal, nextLog, logs, pieces }
}

async function firstDescription(read: Read): Promise<Span> {
  const length = await read(HEAD_BYTES, LENGTH_BYTES)
  return { position: HEAD_BYTES + LENGTH_BYTES, bytes: length.readUInt32LE(0) }
}

async function lastDescription(sizeBytes: number, read: Read): Promise<Span> {
  const end = sizeBytes - CRC_BYTES - LENGTH_BYTES
  const bytes = (await read(end, LENGTH_BYTES)).readUInt32LE(0)
  return { position: end - bytes, bytes }
}

function placed(machines: readonly PieceSize[], start: number): PlacedPiece[] {
  let position = start
  return machines.map(({ name, bytes }) => {
    const piece = { machine: name, position, bytes }
    position += bytes
    return piece
  })
}

const strange = (version: number): Error =>
  new Error(
    `The newest checkpoint has format ${version}; this version of Sabir reads formats ` +
      `${VERSION_FIRST} and ${VERSION}. Start the version that wrote it, or a newer one.`,
  )

/** All logs, then the segments of all of them. */
function readLogs(rows: Buffer, { logCount, policies }: Description): RestoredLog[] {
  const logs: RestoredLog[] = []
  let segmentAt = logCount * LOG_NUMBERS * 8
  for (let index = 0; index < logCount; index++) {
    const at = index * LOG_NUMBERS * 8
    const number = (column: number): number => rows.readDoubleLE(at + column * 8)
    const id = LogId(number(0))
    const segments: SegmentRef[] = []
    for (let left = number(4); left > 0; left--) {
      segments.push(readSegment(rows, segmentAt, id))
      segmentAt += SEGMENT_NUMBERS * 8
    }
    logs.push({
      id,
      policy: policies[number(1)]!,
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
