import { ByteWriter } from '../../../lib/bytes/index.ts'
import { type Content, rdbTypes, sealed, VERSION, VERSION_EXPIRING } from './types.ts'

/** The bytes of DUMP, which Redis reads, too. */
export function save(content: Content): Buffer {
  const writer = new ByteWriter()
  const isExpiring = content.type === 'hash' && content.expiry.length > 0
  writer.uint8(isExpiring ? rdbTypes.hashExpiring : rdbTypes[content.type])
  switch (content.type) {
    case 'string':
      writeLength(writer, content.bytes.length)
      writer.bytes(content.bytes)
      break
    case 'list':
      writeStrings(writer, content.elements)
      break
    case 'set':
      writeStrings(writer, content.members)
      break
    case 'zset':
      writeLength(writer, content.scores.length)
      for (const [member, score] of content.scores) writeScore(writer, member, score)
      break
    case 'hash':
      writeHash(writer, content.pairs, new Map(content.expiry))
  }
  return sealed(writer.finish(), isExpiring ? VERSION_EXPIRING : VERSION)
}

function writeHash(
  writer: ByteWriter,
  pairs: readonly string[],
  expiry: ReadonlyMap<string, number>,
): void {
  const earliest = expiry.size === 0 ? 0 : Math.min(...expiry.values())
  if (expiry.size > 0) writeLong(writer, earliest)
  writeLength(writer, pairs.length / 2)
  for (let index = 0; index < pairs.length; index += 2) {
    const time = expiry.get(pairs[index]!)
    if (expiry.size > 0) writeLength(writer, time === undefined ? 0 : time - earliest + 1)
    writeString(writer, pairs[index]!)
    writeString(writer, pairs[index + 1]!)
  }
}

function writeScore(writer: ByteWriter, member: string, score: number): void {
  writeString(writer, member)
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(score)
  writer.bytes(bytes)
}

function writeLong(writer: ByteWriter, value: number): void {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  writer.bytes(bytes)
}

function writeStrings(writer: ByteWriter, texts: readonly string[]): void {
  writeLength(writer, texts.length)
  for (const text of texts) writeString(writer, text)
}

function writeString(writer: ByteWriter, text: string): void {
  writeLength(writer, text.length)
  writer.binary(text)
}

function writeLength(writer: ByteWriter, length: number): void {
  if (length < 2 ** 6) writer.uint8(length)
  else if (length < 2 ** 14) writer.uint16(0x4000 | length)
  else if (length < 2 ** 32) {
    writer.uint8(0x80)
    writer.uint32(length)
  } else {
    writer.uint8(0x81)
    writer.int64(length)
  }
}
