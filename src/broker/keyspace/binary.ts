import type { ByteReader, ByteWriter, Piece } from '../../lib/bytes/index.ts'

/** A binary string, its length in front. */
export function writeBinary(writer: ByteWriter, text: string): void {
  writer.varuint(text.length)
  writer.binary(text)
}

/** The same for bytes where they lie. */
export function writePiece(writer: ByteWriter, { bytes, start, end }: Piece): void {
  writer.varuint(end - start)
  writer.slice(bytes, start, end)
}

/** What either of them wrote. */
export function readBinary(reader: ByteReader): string {
  return reader.binary(reader.varuint())
}
