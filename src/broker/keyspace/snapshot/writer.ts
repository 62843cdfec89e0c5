import { ByteWriter, type Piece as Lent } from '../../../lib/bytes/index.ts'
import { writeBinary } from '../binary.ts'
import type { Keys } from '../keys.ts'
import { DATABASE, EXPIRY, VERSION, writeEntry, writePlain, writeText } from './format.ts'

const lent: Lent = { bytes: Buffer.alloc(0), start: 0, end: 0 }

/** What is handed over at once. */
const PIECES_MAX = 32

type Piece = { readonly bytes: Buffer; readonly writer: ByteWriter }

/** Items become pieces, in memory that is used again once a piece has been taken and written. */
export class SnapshotWriter {
  readonly #pieceBytes: number
  #writer: ByteWriter
  /** Whose items are being written. */
  #database = -1
  #pieces: Piece[] = []
  /** Those that were taken last. */
  #taken: Piece[] = []
  /** Writers of pieces that are done with. */
  readonly #spare: ByteWriter[] = []

  constructor(pieceBytes: number) {
    this.#pieceBytes = pieceBytes
    this.#writer = this.#made()
  }

  /** There is a piece to be taken. */
  get isFull(): boolean {
    return this.#pieces.length > 0
  }

  key(database: number, keys: Keys, place: number): void {
    this.#begin(database, keys.namespace)
    if (keys.isPlain(place)) writePlain(this.#writer, keys, place)
    else writeEntry(this.#writer, keys.entryAt(place))
    this.#end()
  }

  /** What there is to say of a database besides its keys. */
  database(database: number, keys: Keys): void {
    this.#begin(database, keys.namespace)
    for (const [key, time] of keys.foreignExpiry) {
      this.#begin(database, keys.namespace)
      this.#writer.uint8(EXPIRY)
      writeBinary(this.#writer, key)
      this.#writer.int64(time)
      this.#end()
    }
  }

  /** Pieces that are full, so many at most. They are lent until the next ones are taken. */
  take(): Buffer[] {
    // Of a value that was larger than a piece it keeps more memory than others need.
    for (const { bytes, writer } of this.#taken)
      if (bytes.length <= 2 * this.#pieceBytes) this.#spare.push(writer)
    this.#taken = this.#pieces.splice(0, PIECES_MAX)
    return this.#taken.map(({ bytes }) => bytes)
  }

  /** What was written, if anything was, is a piece, full or not. */
  close(): void {
    if (this.#database < 0) return
    const { bytes, start, end } = this.#writer.lend(lent)
    this.#pieces.push({ bytes: bytes.subarray(start, end), writer: this.#writer })
    this.#writer = this.#spare.pop() ?? this.#made()
    this.#database = -1
  }

  /** With room for the item that fills a piece, unless it is large. */
  #made(): ByteWriter {
    return new ByteWriter(Math.ceil(this.#pieceBytes * 1.125))
  }

  #begin(database: number, namespace: string): void {
    if (database === this.#database) return
    if (this.#database < 0) this.#writer.uint8(VERSION)
    this.#database = database
    this.#writer.uint8(DATABASE)
    this.#writer.uint8(database)
    writeText(this.#writer, namespace)
  }

  /** At once, since a long text may not have been copied yet. */
  #end(): void {
    if (this.#writer.sizeBytes >= this.#pieceBytes) this.close()
  }
}
