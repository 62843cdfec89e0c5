import type { Turn } from '../turn.ts'
import { rangesOf, type ScheduleEvent } from './events.ts'
import type { Bucket } from './state.ts'

/** What was published in a turn: an event for each bucket, in the slot of what was published. */
export class Fired {
  readonly #turn: Turn
  readonly #journal: (event: ScheduleEvent) => void
  readonly #offsets = new Map<Bucket, number[]>()
  readonly #counts = new Map<Bucket, Map<number, number>>()

  constructor(turn: Turn, journal: (event: ScheduleEvent) => void) {
    this.#turn = turn
    this.#journal = journal
  }

  /** To be called after it was published: whatever is packed then belongs to the event. */
  add(bucket: Bucket, offset: number, exchangeId: number): void {
    if (this.#offsets.size === 0) this.#turn.add('journal', this.#write)
    const offsets = this.#offsets.get(bucket)
    if (offsets === undefined) this.#offsets.set(bucket, [offset])
    else offsets.push(offset)
    let counts = this.#counts.get(bucket)
    if (counts === undefined) {
      counts = new Map()
      this.#counts.set(bucket, counts)
    }
    counts.set(exchangeId, (counts.get(exchangeId) ?? 0) + 1)
  }

  readonly #write = (): void => {
    const fired = [...this.#offsets]
    this.#offsets.clear()
    for (const [bucket, offsets] of fired) {
      const counts = [...(this.#counts.get(bucket) ?? [])]
      this.#counts.delete(bucket)
      this.#journal({ kind: 'fired', bucket: bucket.id, ranges: rangesOf(offsets), counts })
    }
  }
}
