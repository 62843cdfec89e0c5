import { Offset } from '../../lib/brand.ts'
import { crc32c } from '../../lib/crc32c.ts'
import type { SegmentRef } from '../internals.ts'
import { LogId } from '../store.ts'

/**
 * The bytes of a segment file; docs/formats/segment.md draws them. Numbers are little-endian.
 *
 *   head, run, run, …, footer, tail        run: batches, index
 */
export const HEAD_BYTES = 16
export const TAIL_BYTES = 48
export const INDEX_HEAD_BYTES = 24
export const INDEX_ENTRY_BYTES = 24
export const FOOTER_ENTRY_BYTES = 64
/** An index entry is made for every so many bytes of batches, and what a look-up reads in vain. */
export const INDEX_INTERVAL_BYTES = 16 * 1024

const VERSION = 1
const HEAD_MAGIC = 0x31474553 // "SEG1"
const INDEX_MAGIC = 0x31584953 // "SIX1"
const TAIL_MAGIC = 0x31454753 // "SGE1"
const IS_COMPACTED = 1

/** One run as the footer has it: the reference, and the checksum of all its batches. */
export type FooterEntry = { readonly ref: SegmentRef; readonly crc: number }

/** Where batches of a run lie. One entry stands for the batches from it to the next. */
export type RunIndex = {
  readonly count: number
  /** Of the first batch of each entry. */
  readonly offsets: Float64Array
  /** From the beginning of the run. */
  readonly positions: Float64Array
  /** The largest timestamp in the batches of each entry. */
  readonly timestamps: Float64Array
}

export const segmentName = (file: number): string => `${file.toString().padStart(16, '0')}.segment`

export function segmentNumber(name: string): number | undefined {
  const digits = /^(\d{16})\.segment$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export function encodeHead(file: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(HEAD_MAGIC, 0)
  head.writeUInt32LE(VERSION, 4)
  writeLong(head, file, 8)
  return head
}

/** Undefined when it is the head of this file; else what is wrong, for people. */
export function headProblem(head: Buffer, file: number): string | undefined {
  if (head.length < HEAD_BYTES) return 'it is shorter than its head'
  if (head.readUInt32LE(0) !== HEAD_MAGIC) return 'it is no segment file'
  if (head.readUInt32LE(4) !== VERSION) return `its version ${head.readUInt32LE(4)} is unknown`
  return readLong(head, 8) === file ? undefined : `it says that it is file ${readLong(head, 8)}`
}

export function encodeIndex(log: LogId, index: RunIndex): Buffer {
  const bytes = Buffer.alloc(INDEX_HEAD_BYTES + index.count * INDEX_ENTRY_BYTES)
  bytes.writeUInt32LE(INDEX_MAGIC, 0)
  writeLong(bytes, log, 8)
  bytes.writeUInt32LE(index.count, 16)
  for (let entry = 0; entry < index.count; entry++) {
    const at = INDEX_HEAD_BYTES + entry * INDEX_ENTRY_BYTES
    writeLong(bytes, index.offsets[entry]!, at)
    writeLong(bytes, index.positions[entry]!, at + 8)
    writeLong(bytes, index.timestamps[entry]!, at + 16)
  }
  bytes.writeUInt32LE(crc32c(bytes, 8), 4)
  return bytes
}

/** Bytes of the whole index whose head this is, or undefined when it is no head of `log`. */
export function indexBytes(head: Buffer, log: LogId): number | undefined {
  if (head.length < INDEX_HEAD_BYTES || head.readUInt32LE(0) !== INDEX_MAGIC) return undefined
  if (readLong(head, 8) !== log) return undefined
  return INDEX_HEAD_BYTES + head.readUInt32LE(16) * INDEX_ENTRY_BYTES
}

/** Undefined when the checksum does not match. */
export function decodeIndex(bytes: Buffer): RunIndex | undefined {
  if (bytes.readUInt32LE(4) !== crc32c(bytes, 8)) return undefined
  const count = bytes.readUInt32LE(16)
  const offsets = new Float64Array(count)
  const positions = new Float64Array(count)
  const timestamps = new Float64Array(count)
  for (let entry = 0; entry < count; entry++) {
    const at = INDEX_HEAD_BYTES + entry * INDEX_ENTRY_BYTES
    offsets[entry] = readLong(bytes, at)
    positions[entry] = readLong(bytes, at + 8)
    timestamps[entry] = readLong(bytes, at + 16)
  }
  return { count, offsets, positions, timestamps }
}

export function encodeFooterEntry({ ref, crc }: FooterEntry): Buffer {
  const bytes = Buffer.alloc(FOOTER_ENTRY_BYTES)
  writeLong(bytes, ref.log, 0)
  writeLong(bytes, ref.baseOffset, 8)
  writeLong(bytes, ref.endOffset, 16)
  writeLong(bytes, ref.position, 24)
  writeLong(bytes, ref.sizeBytes, 32)
  writeLong(bytes, ref.maxTimestamp, 40)
  writeLong(bytes, ref.createdAt, 48)
  bytes.writeUInt32LE(ref.isCompacted ? IS_COMPACTED : 0, 56)
  bytes.writeUInt32LE(crc, 60)
  return bytes
}

export function decodeFooterEntry(file: number, bytes: Buffer, at: number): FooterEntry {
  return {
    ref: {
      file,
      log: LogId(readLong(bytes, at)),
      baseOffset: Offset(readLong(bytes, at + 8)),
      endOffset: Offset(readLong(bytes, at + 16)),
      position: readLong(bytes, at + 24),
      sizeBytes: readLong(bytes, at + 32),
      maxTimestamp: readLong(bytes, at + 40),
      createdAt: readLong(bytes, at + 48),
      isCompacted: (bytes.readUInt32LE(at + 56) & IS_COMPACTED) !== 0,
    },
    crc: bytes.readUInt32LE(at + 60),
  }
}

export type Tail = {
  readonly footerPosition: number
  readonly runCount: number
  readonly footerCrc: number
}

export function encodeTail(file: number, tail: Tail): Buffer {
  const bytes = Buffer.alloc(TAIL_BYTES)
  bytes.writeUInt32LE(TAIL_MAGIC, 0)
  bytes.writeUInt32LE(VERSION, 8)
  writeLong(bytes, file, 16)
  writeLong(bytes, tail.footerPosition, 24)
  bytes.writeUInt32LE(tail.runCount, 32)
  bytes.writeUInt32LE(tail.footerCrc, 36)
  bytes.writeUInt32LE(crc32c(bytes, 8), 4)
  return bytes
}

/** Undefined when these are not the last bytes of a finished segment file. */
export function decodeTail(bytes: Buffer, file: number): Tail | undefined {
  if (bytes.length < TAIL_BYTES || bytes.readUInt32LE(0) !== TAIL_MAGIC) return undefined
  if (bytes.readUInt32LE(4) !== crc32c(bytes, 8) || readLong(bytes, 16) !== file) return undefined
  return {
    footerPosition: readLong(bytes, 24),
    runCount: bytes.readUInt32LE(32),
    footerCrc: bytes.readUInt32LE(36),
  }
}

function readLong(bytes: Buffer, at: number): number {
  return bytes.readInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at)
}

function writeLong(bytes: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 2 ** 32)
  bytes.writeUInt32LE(value - high * 2 ** 32, at)
  bytes.writeInt32LE(high, at + 4)
}
