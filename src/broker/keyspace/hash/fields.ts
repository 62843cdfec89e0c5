import type { ByteWriter, Piece } from '../../../lib/bytes/index.ts'
import { IndexedSet } from '../../../lib/indexed-set.ts'
import { Records, type Sought } from '../../../lib/records/index.ts'
import { pieceOf, writeBinary, writePiece } from '../binary.ts'

/** Redis' hash-max-listpack-entries and hash-max-listpack-value. */
const SMALL_COUNT_MAX = 512
const SMALL_BYTES_MAX = 64
/** From here on records take less memory than strings, unless the order is to be kept. */
const RECORDS_MIN = 128

const lent: Piece = { bytes: Buffer.alloc(0), start: 0, end: 0 }

/**
 * Fields with their values, at positions 0 to count - 1. Few and short ones keep the order in which
 * they came; of many, the last one takes the place of one that goes, and they are records outside
 * of the heap.
 */
export class Fields {
  #names = new IndexedSet()
  #values: string[] = []
  /** Instead of names and values, once they are many. */
  #records: Records | null = null
  #isSmall = true

  get count(): number {
    return this.#records?.count ?? this.#values.length
  }

  /** False from the time on it was not, as in Redis. */
  get isSmall(): boolean {
    return this.#isSmall
  }

  nameAt(index: number): string {
    return this.#records?.keyAt(index) ?? this.#names.at(index)
  }

  valueAt(index: number): string {
    return this.#records?.valueAt(index) ?? this.#values[index]!
  }

  get(name: string): string | undefined {
    const index = this.indexOf(name)
    return index < 0 ? undefined : this.valueAt(index)
  }

  /** -1: there is no such field. */
  indexOf(name: string): number {
    return this.#records?.findText(name) ?? this.#names.indexOf(name)
  }

  /** The position of the field whose name lies between `start` and `end`; -1: there is none. */
  indexOfBytes(bytes: Uint8Array, start: number, end: number): number {
    return this.#records?.find(bytes, start, end) ?? this.#names.indexOfBytes(bytes, start, end)
  }

  warm(names: Sought): void {
    this.#records?.warm(names)
  }

  /** By how many bytes it is longer than what it was before. */
  setAt(index: number, { bytes, start, end }: Piece): number {
    if (end - start > SMALL_BYTES_MAX) this.#isSmall = false
    const records = this.#records
    if (records !== null) {
      const before = records.valueBytes(index)
      records.setValue(index, bytes, start, end)
      return end - start - before
    }
    const before = this.#values[index]!
    this.#values[index] = bytes.toString('latin1', start, end)
    return end - start - before.length
  }

  /** A field that is not there yet, as the last one. */
  add(name: string, value: string): void {
    if (name.length > SMALL_BYTES_MAX || value.length > SMALL_BYTES_MAX) this.#isSmall = false
    if (this.#records === null) {
      this.#names.push(name)
      this.#values.push(value)
      if (this.count > SMALL_COUNT_MAX) this.#isSmall = false
      if (!this.#isSmall && this.count > RECORDS_MIN) this.#become(new Records())
    } else addTo(this.#records, name, value)
  }

  /** How many bytes its value had. */
  removeAt(index: number): number {
    if (this.#records !== null) {
      const before = this.#records.valueBytes(index)
      this.#records.removeAt(index)
      return before
    }
    const before = this.#values[index]!
    if (this.#isSmall) {
      this.#names.spliceAt(index)
      this.#values.splice(index, 1)
      return before.length
    }
    this.#names.removeAt(index)
    const last = this.#values.pop()!
    if (index < this.#values.length) this.#values[index] = last
    return before.length
  }

  /** From now on they are many. */
  grow(): void {
    this.#isSmall = false
  }

  /** The name and the value of one, each with its length in front. */
  writeAt(writer: ByteWriter, index: number): void {
    if (this.#records === null) {
      writeBinary(writer, this.#names.at(index))
      writeBinary(writer, this.#values[index]!)
    } else {
      writePiece(writer, this.#records.lendKey(index, lent))
      writePiece(writer, this.#records.lendValue(index, lent))
    }
  }

  #become(records: Records): void {
    for (let index = 0; index < this.#values.length; index++)
      addTo(records, this.#names.at(index), this.#values[index]!)
    this.#names = new IndexedSet()
    this.#values = []
    this.#records = records
  }
}

function addTo(records: Records, name: string, value: string): void {
  const key = Buffer.from(name, 'latin1')
  const index = records.add(key, 0, key.length)
  const { bytes, start, end } = pieceOf(value)
  records.setValue(index, bytes, start, end)
}
