import type { Runtime } from '../runtime.ts'
import type { Turn } from '../turn.ts'
import { EventWriter, type LaneState, type LogLane } from './lane/index.ts'
import { writeLaneAddress } from './queue-events.ts'
import type { QueueState } from './queue-state.ts'

/** Journals what became of messages: one event for each lane and turn. */
export class LaneJournal {
  readonly #runtime: Runtime
  readonly #turn: Turn
  readonly #machine: string
  readonly #writer = new EventWriter()
  #changed: { readonly queue: QueueState; readonly lane: LogLane }[] = []

  constructor(runtime: Runtime, turn: Turn, machine: string) {
    this.#runtime = runtime
    this.#turn = turn
    this.#machine = machine
  }

  /** Called by a lane once between two of its events. */
  changed(queue: QueueState, lane: LogLane): void {
    if (this.#changed.length === 0) this.resume()
    this.#changed.push({ queue, lane })
  }

  /** There is room again for what could not be written. */
  resume(): void {
    this.#turn.add('journal', this.#write)
  }

  snapshotOf(state: LaneState): Buffer {
    this.#writer.reset()
    state.writeSnapshot(this.#writer)
    return Buffer.from(this.#writer.bytes())
  }

  readonly #write = (): void => {
    const { store } = this.#runtime
    if (store.reliefRefusal !== null) return
    const changed = this.#changed
    this.#changed = []
    for (const { queue, lane } of changed) {
      if (queue.isDeleted) continue
      this.#writer.reset()
      writeLaneAddress(this.#writer, queue.id, lane.index)
      lane.writeEvent(this.#writer)
      store.journalRelief(this.#machine, this.#writer.bytes())
    }
  }
}
