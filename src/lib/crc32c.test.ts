import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c, crc32cPortable } from './crc32c.ts'

/** From RFC 3720, B.4, and the catalogue of CRC algorithms ("check"). */
const vectors: [name: string, bytes: Buffer, crc: number][] = [
  ['nothing', Buffer.alloc(0), 0],
  ['check', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c],
]

for (const [name, bytes, crc] of vectors) {
  test(`crc32c: ${name}`, () => {
    expect(crc32c(bytes)).toBe(crc)
  })
}

test('crc32c: native and portable agree, whole and in pieces', () => {
  const bytes = fc.uint8Array({ maxLength: 3000, size: 'max' })
  fc.assert(
    fc.property(bytes, fc.nat(3000), (data, cut) => {
      const at = Math.min(cut, data.length)
      const whole = crc32cPortable(data, 0, data.length, 0)
      expect(crc32c(data)).toBe(whole)
      expect(crc32c(data, at, data.length, crc32c(data, 0, at))).toBe(whole)
    }),
    { numRuns: 300 },
  )
})
