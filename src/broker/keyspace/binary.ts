import type { ByteReader, ByteWriter, Piece } from '../../lib/bytes/index.ts'

/** A binary string, its length in front. */
export function writeBinary(writer: ByteWriter, text: string): void {
  writer.varuint(text.length)
  writer.binary(text)
}

/** So much is copied in any case: joining pieces later costs more. A writer keeps its room. */
export const COPIED_BYTES_MAX = 512 * 1024

/** The same for bytes where they lie. Until the writer is done they must not change. */
export function writePiece(writer: ByteWriter, { bytes, start, end }: Piece): void {
  writer.varuint(end - start)
  if (end - start <= COPIED_BYTES_MAX) writer.slice(bytes, start, end)
  else writer.bytes(bytes.subarray(start, end))
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
