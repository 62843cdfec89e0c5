import type { Turn } from '../turn.ts'
import type { QueueState } from './queue-state.ts'

/** In one turn so many messages are handed out, or queues looked at. */
const WORK_PER_TURN = 8192

/** Queues with something to do at the end of the turn, in order. */
export class DirtyQueues {
  readonly #turn: Turn
  /** Says how many messages that were. */
  readonly #serve: (queue: QueueState) => number
  #queues: QueueState[] = []
  #isDue = false

  constructor(turn: Turn, serve: (queue: QueueState) => number) {
    this.#turn = turn
    this.#serve = serve
  }

  add(queue: QueueState): void {
    if (queue.isDirty) return
    queue.isDirty = true
    this.#queues.push(queue)
    this.#soon()
  }

  #soon(): void {
    if (this.#isDue) return
    this.#isDue = true
    this.#turn.add('dispatch', this.#run)
  }

  readonly #run = (): void => {
    this.#isDue = false
    const queues = this.#queues
    this.#queues = []
    let work = 0
    let at = 0
    for (; at < queues.length && work < WORK_PER_TURN; at++) {
      const queue = queues[at]!
      queue.isDirty = false
      if (!queue.isDeleted) work += this.#serve(queue) + 1
    }
    if (at === queues.length) return
    // Those that are dirty again stand behind those that had no turn yet.
    this.#queues = [...queues.slice(at), ...this.#queues]
    this.#soon()
  }
}

/** Queues of which somebody is to be told what became of their ready messages. */
export class ChangedQueues {
  /** Null: nobody looks. */
  observer: ((queue: QueueState, changes: number) => void) | null = null
  readonly #turn: Turn
  #queues: QueueState[] = []

  constructor(turn: Turn) {
    this.#turn = turn
  }

  note(queue: QueueState, bits: number): void {
    if (this.observer === null || (queue.changes & bits) === bits) return
    if (queue.changes === 0) {
      if (this.#queues.length === 0) this.#turn.add('dispatch', this.#tell)
      this.#queues.push(queue)
    }
    queue.changes |= bits
  }

  readonly #tell = (): void => {
    const queues = this.#queues
    this.#queues = []
    for (const queue of queues) {
      const { changes } = queue
      queue.changes = 0
      if (!queue.isDeleted) this.observer?.(queue, changes)
    }
  }
}
