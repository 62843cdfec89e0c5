import { MalformedError } from '../../../lib/bytes/index.ts'

const LISTPACK_HEAD_BYTES = 6
const LISTPACK_END = 0xff

/** The elements of a listpack, as binary strings. Throws `MalformedError`. */
export function readListpack(bytes: Buffer): string[] {
  const found: string[] = []
  let at = LISTPACK_HEAD_BYTES
  try {
    while (bytes.readUInt8(at) !== LISTPACK_END) {
      const { text, length } = readElement(bytes, at)
      found.push(text)
      at += length + backwardBytes(length)
    }
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new MalformedError('a listpack ends early')
    throw thrown
  }
  return found
}

type Element = { readonly text: string; readonly length: number }

function readElement(bytes: Buffer, at: number): Element {
  const first = bytes.readUInt8(at)
  if (first < 0x80) return { text: String(first), length: 1 }
  if (first < 0xc0) return readString(bytes, at + 1, first & 0x3f, 1)
  if (first < 0xe0) {
    const value = ((first & 0x1f) << 8) | bytes.readUInt8(at + 1)
    return { text: String((value << 19) >> 19), length: 2 }
  }
  if (first < 0xf0) {
    return readString(bytes, at + 2, ((first & 0x0f) << 8) | bytes.readUInt8(at + 1), 2)
  }
  if (first === 0xf0) return readString(bytes, at + 5, bytes.readUInt32LE(at + 1), 5)
  if (first === 0xf1) return { text: String(bytes.readInt16LE(at + 1)), length: 3 }
  if (first === 0xf2) return { text: String(bytes.readIntLE(at + 1, 3)), length: 4 }
  if (first === 0xf3) return { text: String(bytes.readInt32LE(at + 1)), length: 5 }
  if (first === 0xf4) return { text: String(bytes.readBigInt64LE(at + 1)), length: 9 }
  throw new MalformedError('an unknown element of a listpack')
}

function readString(bytes: Buffer, start: number, size: number, head: number): Element {
  if (start + size > bytes.length) throw new MalformedError('a listpack ends early')
  return { text: bytes.toString('latin1', start, start + size), length: head + size }
}

/** Behind each element its length is written, for those who read backwards. */
function backwardBytes(length: number): number {
  if (length < 2 ** 7) return 1
  if (length < 2 ** 14) return 2
  if (length < 2 ** 21) return 3
  return length < 2 ** 28 ? 4 : 5
}

/** The members of an intset, in order, as texts. */
export function readIntset(bytes: Buffer): string[] {
  if (bytes.length < 8) throw new MalformedError('an intset ends early')
  const width = bytes.readUInt32LE(0)
  const count = bytes.readUInt32LE(4)
  if (![2, 4, 8].includes(width) || bytes.length !== 8 + width * count) {
    throw new MalformedError('an intset of a size that cannot be')
  }
  return Array.from({ length: count }, (_, index) => {
    const at = 8 + index * width
    return String(width === 8 ? bytes.readBigInt64LE(at) : bytes.readIntLE(at, width))
  })
}
