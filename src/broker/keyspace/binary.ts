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

/** The bytes of a binary string. */
export function pieceOf(text: string): Piece {
  const bytes = Buffer.from(text, 'latin1')
  return { bytes, start: 0, end: bytes.length }
}

/** What either of them wrote. */
export function readBinary(reader: ByteReader): string {
  return reader.binary(reader.varuint())
}
