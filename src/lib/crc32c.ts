import { createRequire } from 'node:module'

/** Above this many bytes a call into native code pays for itself. */
const NATIVE_BYTES_MIN = 400
/** CRC-32C (Castagnoli), reflected. */
const POLYNOMIAL = 0x82f63b78

type NativeCrc = (bytes: Uint8Array, initial: number) => number

let native: NativeCrc | null | undefined

/** Sixteen tables of 256 entries, one behind the other: table k advances a byte by k more bytes. */
const tables = makeTables()

/** CRC-32C of `bytes[start, end)`. Passing the CRC of what came before continues it. */
export function crc32c(bytes: Uint8Array, start = 0, end = bytes.length, initial = 0): number {
  if (end - start < NATIVE_BYTES_MIN) return crc32cPortable(bytes, start, end, initial)
  if (native === undefined) native = loadNative()
  if (native === null) return crc32cPortable(bytes, start, end, initial)
  const whole = start === 0 && end === bytes.length
  return native(whole ? bytes : bytes.subarray(start, end), initial)
}

/** The same without native code: four words a step, one table look-up per byte. */
export function crc32cPortable(
  bytes: Uint8Array,
  start: number,
  end: number,
  initial: number,
): number {
  const t = tables
  let crc = ~initial
  let at = start
  // Every index is inside `bytes` or the tables; `!` only tells the compiler so.
  for (; end - at >= 16; at += 16) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    crc =
      t[0xf00 + (crc & 0xff)]! ^
      t[0xe00 + ((crc >>> 8) & 0xff)]! ^
      t[0xd00 + ((crc >>> 16) & 0xff)]! ^
      t[0xc00 + (crc >>> 24)]! ^
      t[0xb00 + bytes[at + 4]!]! ^
      t[0xa00 + bytes[at + 5]!]! ^
      t[0x900 + bytes[at + 6]!]! ^
      t[0x800 + bytes[at + 7]!]! ^
      t[0x700 + bytes[at + 8]!]! ^
      t[0x600 + bytes[at + 9]!]! ^
      t[0x500 + bytes[at + 10]!]! ^
      t[0x400 + bytes[at + 11]!]! ^
      t[0x300 + bytes[at + 12]!]! ^
      t[0x200 + bytes[at + 13]!]! ^
      t[0x100 + bytes[at + 14]!]! ^
      t[bytes[at + 15]!]!
  }
  for (; at < end; at++) crc = t[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

function makeTables(): Int32Array {
  const made = new Int32Array(16 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256]!
    made[at] = made[before & 0xff]! ^ (before >>> 8)
  }
  return made
}

/** Null where the optional package has no build for this machine. */
function loadNative(): NativeCrc | null {
  try {
    const loaded = createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: NativeCrc }
    return loaded.crc32c
  } catch {
    return null
  }
}
