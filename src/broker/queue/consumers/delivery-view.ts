import type { Offset } from '../../../lib/brand.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import type { Delivery } from '../consumer.ts'
import { failuresOf, handOutsOf } from '../fate/counts.ts'
import type { Queue } from '../queue.ts'

/** The one delivery object of a broker. */
export class DeliveryView implements Delivery {
  // Set before each use.
  queue: Queue = null as unknown as Queue
  lane = 0
  offset = 0 as Offset
  /** Both counts in one number, as lanes keep them. */
  counts = 0
  readonly message = new StoredMessage()

  get count(): number {
    return handOutsOf(this.counts)
  }

  get failures(): number {
    return failuresOf(this.counts)
  }

  get readyCount(): number {
    return this.queue.readyCount
  }
}
