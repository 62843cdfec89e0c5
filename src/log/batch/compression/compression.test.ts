import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedError } from '../../../lib/bytes/reader.ts'
import type { Codec } from './codec.ts'
import { codecs, lz4LegacyCodec } from './index.ts'
import { lz4PortableCodec } from './lz4.ts'
import { snappyDecompressBlock } from './snappy-block.ts'
import { snappyPortableCodec } from './snappy.ts'
import { xxh32 } from './xxh32.ts'
import { loadWasm } from './zstd.ts'

const MiB = 1024 * 1024
const wasm = await loadWasm()

/** Writer and reader: what one writes the other reads, native or not. */
const pairs: [name: string, writer: Codec, reader: Codec][] = [
  ['gzip', codecs.gzip, codecs.gzip],
  ['snappy, native to portable', codecs.snappy, snappyPortableCodec],
  ['snappy, portable to native', snappyPortableCodec, codecs.snappy],
  ['lz4, native to portable', codecs.lz4, lz4PortableCodec],
  ['lz4, portable to portable', lz4PortableCodec, codecs.lz4],
  ['lz4 with the old header checksum', lz4LegacyCodec, codecs.lz4],
  ['zstd', codecs.zstd, codecs.zstd],
]

/** Bytes that compress a little, a lot, and not at all. */
const data = fc.oneof(
  fc.uint8Array({ maxLength: 5000, size: 'max' }),
  fc
    .array(fc.constantFrom('abc', 'abcd', '"key":', '0123456789'), {
      maxLength: 30_000,
      size: 'max',
    })
    .map(words => new TextEncoder().encode(words.join(''))),
  fc
    .record({ byte: fc.nat(255), length: fc.nat(200_000) })
    .map(({ byte, length }) => new Uint8Array(length).fill(byte)),
)

for (const [name, writer, reader] of pairs) {
  test(`${name}: round trip`, () => {
    fc.assert(
      fc.property(data, bytes => {
        const plain = Buffer.from(bytes)
        expect(reader.decompress(writer.compress(plain), 4 * MiB).equals(plain)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test(`${name}: more than allowed is refused`, () => {
    const packed = writer.compress(Buffer.alloc(300_000))
    expect(reader.decompress(packed, 300_000)).toHaveLength(300_000)
    expect(() => reader.decompress(packed, 299_999)).toThrow(MalformedError)
  })

  test(`${name}: garbage and damage are refused or read, never a crash`, () => {
    const good = writer.compress(Buffer.from('some words, some words, some more words '.repeat(40)))
    const damage = fc.tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
    const damaged = damage.map(([at, byte, length]) => {
      const bytes = Buffer.from(good)
      bytes[at] = byte
      return bytes.subarray(0, length)
    })
    const garbage = fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.oneof(damaged, garbage), bytes => {
        try {
          expect(reader.decompress(bytes, MiB).length).toBeLessThanOrEqual(MiB)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
      { numRuns: 1500 },
    )
  })
}

describe('bombs', () => {
  test('a block of snappy cannot announce what its bytes cannot hold', () => {
    const lie = Buffer.from([0xff, 0xff, 0xff, 0x7f, 0x00, 0x61])
    expect(() => codecs.snappy.decompress(lie, 1024 * MiB)).toThrow(/impossible/)
  })

  test('zeros by the hundred megabytes are refused in every codec', () => {
    const zeros = Buffer.alloc(64 * MiB)
    for (const codec of [codecs.gzip, codecs.snappy, codecs.lz4, codecs.zstd]) {
      expect(() => codec.decompress(codec.compress(zeros), 16 * MiB)).toThrow(MalformedError)
    }
  })

  test('zstd without a content size is judged by its blocks', () => {
    // Window descriptor, then 4096 blocks of one repeated byte, 128 KiB each: 512 MiB in 16 KiB.
    const header = Buffer.from('28b52ffd0058', 'hex')
    const block = (isLast: boolean) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUIntLE((isLast ? 1 : 0) | (1 << 1) | ((128 * 1024) << 3), 0, 3)
      return bytes
    }
    const blocks = Array.from({ length: 4096 }, (_, index) => block(index === 4095))
    const bomb = Buffer.concat([header, ...blocks])
    expect(() => codecs.zstd.decompress(bomb, 256 * MiB)).toThrow(/more than/)
    const small = Buffer.concat([header, block(true)])
    expect(codecs.zstd.decompress(small, MiB)).toHaveLength(128 * 1024)
  })
})

test('snappy: a bare block, as some clients send it, is read', () => {
  // The last block of our own frame, taken out of it.
  const framed = snappyPortableCodec.compress(Buffer.from('bare bare bare bare bare'))
  const bare = framed.subarray(20)
  expect(codecs.snappy.decompress(bare, 100).toString()).toBe('bare bare bare bare bare')
  expect(snappyDecompressBlock(bare).toString()).toBe('bare bare bare bare bare')
})

test('zstd: the wasm substitute reads the native codec, and the reverse', () => {
  const plain = Buffer.from('lingua franca '.repeat(500))
  expect(wasm).not.toBeNull()
  expect(Buffer.from(wasm!.decompress(codecs.zstd.compress(plain))).equals(plain)).toBe(true)
  const packed = Buffer.from(wasm!.compress(plain, 3))
  expect(codecs.zstd.decompress(packed, MiB).equals(plain)).toBe(true)
})

test('gzip: several members are one', () => {
  const packed = Buffer.concat([gzipSync('one '), gzipSync('two')])
  expect(codecs.gzip.decompress(packed, 100).toString()).toBe('one two')
})

/** From the sanity checks of the reference implementation, seed 0, and known strings. */
test('xxh32', () => {
  expect(xxh32(Buffer.alloc(0))).toBe(0x02cc5d05)
  expect(xxh32(Buffer.from('abc'))).toBe(0x32d153ff)
  expect(xxh32(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f)
})
