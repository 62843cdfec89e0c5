import type { ByteReader, ByteWriter } from '../../lib/bytes/index.ts'

/** A binary string, its length in front. */
export function writeBinary(writer: ByteWriter, text: string): void {
  writer.varuint(text.length)
  writer.binary(text)
}

/** What `writeBinary` wrote. */
export function readBinary(reader: ByteReader): string {
  return reader.binary(reader.varuint())
}
