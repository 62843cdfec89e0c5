import { MalformedError } from '../../../lib/bytes/reader.ts'
import type { Offset } from '../../../lib/brand.ts'
import { firstWhere } from '../../../lib/search.ts'
import { baseOffsetOf, CodecMissingError, countOf, lastOffsetOf } from '../../../log/batch/index.ts'
import type { Log } from '../../../log/store.ts'
import { MessageReader } from '../../../message/message-reader.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import type { SharedBodies } from '../../bodies/index.ts'
import type { Holder, ReadAhead } from './read-ahead.ts'

/**
 * Shows records of one log at once, confirmed or not, in any order: it holds one batch, and knows
 * where its records begin once somebody goes back in it. Waits for the disk where it has to.
 */
export class NowReader implements Holder {
  readonly #log: Log
  readonly #readAhead: ReadAhead
  readonly #bodies: SharedBodies | null
  readonly #reader = new MessageReader()
  /** The first and last offset of the batch it holds. */
  #base = 0
  #last = -1
  #recordCount = 0
  /** The reader stands at this one, or before it if it has no record. */
  #at = 0
  /** Of each record: its offset, and where it begins. Null until somebody goes back. */
  #offsets: Float64Array | null = null
  #positions: Float64Array | null = null

  constructor(log: Log, readAhead: ReadAhead, bodies: SharedBodies | null) {
    this.#log = log
    this.#readAhead = readAhead
    this.#bodies = bodies
  }

  /** False: the log has no such record any more, or nobody can read it. */
  show(offset: number, view: StoredMessage): boolean {
    if (offset > this.#last || offset < this.#base) {
      if (offset < this.#log.startOffset || !this.#open(offset)) return false
    }
    try {
      if (offset < this.#at && !this.#goBack(offset, view)) return false
      this.#at = offset
      if (!this.#reader.find(offset, view) || view.offset !== offset) return false
    } catch (error) {
      this.drop()
      if (error instanceof MalformedError || error instanceof CodecMissingError) return false
      throw error
    }
    return !view.isBodyElsewhere || (this.#bodies?.fillNow(view) ?? false)
  }

  drop(): void {
    if (this.#last < 0) return
    this.#readAhead.release(this)
    this.#reader.close()
    this.#base = 0
    this.#last = -1
    this.#offsets = null
    this.#positions = null
  }

  #open(offset: number): boolean {
    const [batch] = this.#log.readNow(offset as Offset, 1)
    if (batch === undefined || baseOffsetOf(batch) > offset) return false
    this.#base = baseOffsetOf(batch)
    this.#last = lastOffsetOf(batch)
    this.#recordCount = countOf(batch)
    this.#at = this.#base
    this.#offsets = null
    this.#positions = null
    this.#readAhead.hold(this, batch.length)
    try {
      this.#reader.open(batch)
    } catch (error) {
      this.drop()
      if (error instanceof MalformedError || error instanceof CodecMissingError) return false
      throw error
    }
    return true
  }

  /** The reader only goes on: it is put back to where the record begins. */
  #goBack(offset: number, view: StoredMessage): boolean {
    if (this.#positions === null) this.#index(view)
    const offsets = this.#offsets!
    const index = firstWhere(0, offsets.length, at => offsets[at]! >= offset)
    if (offsets[index] !== offset) return false
    this.#reader.standAt(this.#positions![index]!, offsets.length - index)
    return true
  }

  #index(view: StoredMessage): void {
    const [batch] = this.#log.readNow(this.#base as Offset, 1)
    const offsets = new Float64Array(this.#recordCount)
    const positions = new Float64Array(this.#recordCount)
    let count = 0
    this.#reader.open(batch!)
    this.#at = Number.POSITIVE_INFINITY
    for (let next = 0; count < offsets.length && this.#reader.find(next, view); count++) {
      offsets[count] = view.offset
      positions[count] = this.#reader.position
      next = view.offset + 1
    }
    this.#offsets = offsets.subarray(0, count)
    this.#positions = positions.subarray(0, count)
  }
}
