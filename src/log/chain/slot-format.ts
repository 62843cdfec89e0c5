import { crc32c } from '../../lib/crc32c.ts'

/**
 * The bytes of chain files; docs/formats/slot.md draws them. All numbers are little-endian.
 *
 *   file: header block, slot, slot, …      slot: header, index, batches, zeros
 *         4096 bytes                             128     …      …        up to a multiple of 4096
 */
export const BLOCK_BYTES = 4096
export const HEADER_BYTES = 128
export const BATCH_ENTRY_BYTES = 56
export const NONCE_BYTES = 16

const VERSION = 1
const SLOT_MAGIC = 0x31544c53 // "SLT1"
const FILE_MAGIC = 0x31464353 // "SCF1"

const kindCodes = { data: 1, closed: 2 } as const
export type SlotKind = keyof typeof kindCodes

export type SlotHeader = {
  readonly kind: SlotKind
  /** Of the process that wrote it: one more than of the process before. */
  readonly epoch: number
  readonly slot: number
  /** The chain file it was written for: what an earlier use of a recycled file left is inert. */
  readonly file: number
  /** Slots below this one were synced when this one was written. */
  readonly syncedBelow: number
  readonly nonce: Buffer
  /** The header checksum of the slot before. */
  readonly previousCrc: number
  readonly indexBytes: number
  readonly indexCount: number
  readonly bodyBytes: number
  readonly indexCrc: number
  /** For people only. */
  readonly createdAt: number
}

export type SlotHeaderRead = SlotHeader & { readonly headerCrc: number }

export const paddedBytes = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES

/** What a slot occupies in its file. */
export const slotBytes = (header: SlotHeader): number =>
  paddedBytes(HEADER_BYTES + header.indexBytes + header.bodyBytes)

export function writeSlotHeader(target: Buffer, header: SlotHeader): void {
  target.fill(0, 0, HEADER_BYTES)
  target.writeUInt32LE(SLOT_MAGIC, 0)
  target.writeUInt16LE(VERSION, 4)
  target.writeUInt8(kindCodes[header.kind], 6)
  target.writeUInt32LE(header.epoch, 8)
  target.writeUInt32LE(header.file, 12)
  writeInt64(target, header.slot, 16)
  writeInt64(target, header.syncedBelow, 24)
  header.nonce.copy(target, 32, 0, NONCE_BYTES)
  target.writeUInt32LE(header.previousCrc, 48)
  target.writeUInt32LE(header.indexBytes, 52)
  target.writeUInt32LE(header.indexCount, 56)
  target.writeUInt32LE(header.indexCrc, 60)
  writeInt64(target, header.bodyBytes, 64)
  writeInt64(target, header.createdAt, 72)
  const crc = crc32c(target.subarray(0, HEADER_BYTES - 4))
  target.writeUInt32LE(crc, HEADER_BYTES - 4)
}

/** The header's own checksum, which the next slot repeats. */
export const headerCrcOf = (source: Buffer): number => source.readUInt32LE(HEADER_BYTES - 4)

/** Undefined when these are not the bytes of a slot header, or not all of them as written. */
export function readSlotHeader(source: Buffer): SlotHeaderRead | undefined {
  if (source.length < HEADER_BYTES || source.readUInt32LE(0) !== SLOT_MAGIC) return undefined
  const headerCrc = source.readUInt32LE(HEADER_BYTES - 4)
  if (crc32c(source.subarray(0, HEADER_BYTES - 4)) !== headerCrc) return undefined
  return {
    kind: source.readUInt8(6) === kindCodes.closed ? 'closed' : 'data',
    epoch: source.readUInt32LE(8),
    file: source.readUInt32LE(12),
    slot: readInt64(source, 16),
    syncedBelow: readInt64(source, 24),
    nonce: source.subarray(32, 32 + NONCE_BYTES),
    previousCrc: source.readUInt32LE(48),
    indexBytes: source.readUInt32LE(52),
    indexCount: source.readUInt32LE(56),
    indexCrc: source.readUInt32LE(60),
    bodyBytes: readInt64(source, 64),
    createdAt: readInt64(source, 72),
    headerCrc,
  }
}

export type FileHeader = {
  readonly file: number
  readonly epoch: number
  readonly nonce: Buffer
  readonly createdAt: number
}

export function encodeFileHeader(header: FileHeader): Buffer {
  const target = Buffer.alloc(BLOCK_BYTES)
  target.writeUInt32LE(FILE_MAGIC, 0)
  target.writeUInt16LE(VERSION, 4)
  target.writeUInt32LE(header.epoch, 8)
  target.writeUInt32LE(header.file, 12)
  header.nonce.copy(target, 16, 0, NONCE_BYTES)
  writeInt64(target, header.createdAt, 32)
  target.writeUInt32LE(crc32c(target.subarray(0, 60)), 60)
  return target
}

export function decodeFileHeader(source: Buffer): FileHeader | undefined {
  if (source.length < 64 || source.readUInt32LE(0) !== FILE_MAGIC) return undefined
  if (crc32c(source.subarray(0, 60)) !== source.readUInt32LE(60)) return undefined
  return {
    epoch: source.readUInt32LE(8),
    file: source.readUInt32LE(12),
    nonce: Buffer.from(source.subarray(16, 16 + NONCE_BYTES)),
    createdAt: readInt64(source, 32),
  }
}

/** Safe integers only: both halves as numbers are three times as fast as a `bigint`. */
export function writeInt64(target: Buffer, value: number, at: number): void {
  writeInt32(target, value | 0, at)
  writeInt32(target, Math.floor(value / 2 ** 32), at + 4)
}

/** The low 32 bits, of a signed or an unsigned number. Small, so that it is inlined. */
export function writeInt32(target: Buffer, value: number, at: number): void {
  target[at] = value
  target[at + 1] = value >>> 8
  target[at + 2] = value >>> 16
  target[at + 3] = value >>> 24
}

export const readInt64 = (source: Buffer, at: number): number =>
  source.readInt32LE(at + 4) * 2 ** 32 + source.readUInt32LE(at)
