import type { DeathReason } from '../../../message/annotations.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import type { Queue } from '../queue.ts'

/** Where messages go that die in a queue with a dead letter exchange. */
export interface DeadLetterPort {
  /**
   * Publishes it, in the same synchronous run in which the message is settled. False: it has to
   * stay where it is, since nobody took it and the queue's strategy is at-least-once; it is tried
   * again later.
   */
  send(queue: Queue, message: StoredMessage, reason: DeathReason): boolean
}
