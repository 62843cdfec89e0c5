import { limits } from '../../limits/limits.ts'
import type { EntryId } from './entry-id.ts'
import type { EventReader, EventWriter } from './event-bytes.ts'
import type { IdempotenceFacts } from './port.ts'

const DURATION_SECONDS = 100
const ENTRIES_MAX = 100

/** Names producers gave their entries, for a while: an entry that is sent again is not added. */
export class Idempotence {
  durationSeconds = DURATION_SECONDS
  entriesMax = ENTRIES_MAX
  added = 0
  duplicates = 0
  /** Oldest first, producers by when they were used last. */
  readonly #byProducer = new Map<string, Map<string, EntryId>>()

  known(producer: string, name: string, now: number): EntryId | null {
    const id = this.#byProducer.get(producer)?.get(name)
    return id === undefined || this.#isOver(id, now) ? null : id
  }

  remember(producer: string, name: string, id: EntryId, now: number): void {
    const names = this.#byProducer.get(producer) ?? new Map<string, EntryId>()
    this.#byProducer.delete(producer)
    this.#byProducer.set(producer, names)
    names.delete(name)
    names.set(name, id)
    this.added++
    for (const [oldest, of] of names) {
      if (names.size <= this.entriesMax && !this.#isOver(of, now)) break
      names.delete(oldest)
    }
    this.#sweep(now)
  }

  configure(durationSeconds: number, entriesMax: number): void {
    this.durationSeconds = durationSeconds
    this.entriesMax = entriesMax
    this.#byProducer.clear()
  }

  facts(): IdempotenceFacts {
    let tracked = 0
    for (const names of this.#byProducer.values()) tracked += names.size
    const { durationSeconds, entriesMax, added, duplicates } = this
    return {
      durationSeconds,
      entriesMax,
      producers: this.#byProducer.size,
      tracked,
      added,
      duplicates,
    }
  }

  write(writer: EventWriter): void {
    writer.int(this.durationSeconds).int(this.entriesMax).int(this.added).int(this.duplicates)
    writer.int(this.#byProducer.size)
    for (const [producer, names] of this.#byProducer) {
      writer.text(producer).int(names.size)
      for (const [name, id] of names) writer.text(name).id(id)
    }
  }

  read(reader: EventReader): void {
    this.configure(reader.int(), reader.int())
    this.added = reader.int()
    this.duplicates = reader.int()
    for (let left = reader.int(); left > 0; left--) {
      const names = new Map<string, EntryId>()
      this.#byProducer.set(reader.text(), names)
      for (let count = reader.int(); count > 0; count--) names.set(reader.text(), reader.id())
    }
  }

  /** The producer that was quiet the longest goes with its last name, or when there are many. */
  #sweep(now: number): void {
    const [quiet] = this.#byProducer
    if (quiet === undefined) return
    const [producer, names] = quiet
    for (const [name, id] of names) {
      if (!this.#isOver(id, now)) break
      names.delete(name)
    }
    const isTooMany = this.#byProducer.size > limits.entryProducersMax
    if (names.size === 0 || isTooMany) this.#byProducer.delete(producer)
  }

  #isOver({ ms }: EntryId, now: number): boolean {
    return ms <= now - this.durationSeconds * 1000
  }
}
