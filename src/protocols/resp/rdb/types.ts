import { writeCrc64 } from './crc64.ts'

/** RDB_TYPE_* of Redis that can be read; written are the plain ones. */
export const rdbTypes = {
  string: 0,
  list: 1,
  set: 2,
  hash: 4,
  zset: 5,
  intset: 11,
  hashListpack: 16,
  zsetListpack: 17,
  quicklist: 18,
  setListpack: 20,
  hashExpiring: 24,
  hashListpackExpiring: 25,
} as const

/** Of Redis 7.0, and of the newest that is read: 8. */
export const VERSION = 10
export const VERSION_EXPIRING = 12
export const VERSION_MAX = 13

/** Version and checksum. */
export const FOOTER_BYTES = 10
const CRC_BYTES = 8

/** A value on its way from or to another server. Texts are binary strings. */
export type Content =
  | { readonly type: 'string'; readonly bytes: Buffer }
  | { readonly type: 'list'; readonly elements: readonly string[] }
  | { readonly type: 'set'; readonly members: readonly string[] }
  | { readonly type: 'zset'; readonly scores: readonly (readonly [string, number])[] }
  | {
      readonly type: 'hash'
      /** Fields and their values, in turn. */
      readonly pairs: readonly string[]
      /** Milliseconds since 1970. */
      readonly expiry: readonly (readonly [string, number])[]
    }

/** Whether the checksum at the end is right. */
export function isWhole(bytes: Buffer): boolean {
  const at = bytes.length - CRC_BYTES
  const expected = Buffer.alloc(CRC_BYTES)
  writeCrc64(bytes, at, expected, 0)
  return expected.equals(bytes.subarray(at))
}

/** Version and checksum behind the value. */
export function sealed(value: Buffer, version: number): Buffer {
  const whole = Buffer.concat([value, Buffer.alloc(FOOTER_BYTES)])
  whole.writeUInt16LE(version, value.length)
  writeCrc64(whole, value.length + 2, whole, value.length + 2)
  return whole
}
