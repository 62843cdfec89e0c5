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
