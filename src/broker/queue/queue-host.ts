import type { Packers } from '../publish/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Agenda } from './agenda.ts'
import type { DeadLetterPort } from './fate/dead-letter-port.ts'
import type { QueueEvent } from './queue-events.ts'
import type { QueueState } from './queue-state.ts'

/** What became of the ready messages of a queue. `more` also when something came back. */
export const change = { more: 1, less: 2, ready: 4 } as const

/** What queues need of what they are in. */
export interface QueueHost {
  readonly runtime: Runtime
  readonly packers: Packers
  readonly agenda: Agenda
  readonly deadLetters: DeadLetterPort | null
  /** Milliseconds since 1970. */
  now(): number
  /** It has something to hand out, to drop or to let expire: at the end of the turn. */
  markDirty(queue: QueueState): void
  /** Answers those who pull, now if it can be. */
  servePulls(queue: QueueState): void
  /** The logs of the queue may be shortened some time. */
  noteSettled(queue: QueueState): void
  /** Makes a lane for messages of a priority; false when the disk takes nothing. */
  addLevel(queue: QueueState, level: number): boolean
  /** A message of its topic has a time to live: the queues on it remember that over restarts. */
  noteExpiring(queue: QueueState): void
  delete(queue: QueueState): void
  /** A change of a queue; it has changed when this returns. Throws what the store throws. */
  journal(event: QueueEvent): void
  /** Tells those who look at queues in another way, at the end of the turn: bits of `change`. */
  noteChange(queue: QueueState, bits: number): void
  /** Appends and journals what waits for the turn's end. */
  flush(): void
}
