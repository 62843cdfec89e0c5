import type { Settlement } from '../../../../broker/queue/consumer.ts'
import { limits } from '../../../../limits/limits.ts'
import { AmqpError } from '../../errors.ts'
import type { KeptMessage } from './kept-message.ts'

/** Deliveries, by tag, that are to be settled alike. */
export type KeptSettlement = { readonly settlement: Settlement; readonly tags: number[] }

/** What a channel did since tx.select, commit or rollback: nothing of it is done yet. */
export class Transaction {
  readonly messages: KeptMessage[] = []
  readonly settlements: KeptSettlement[] = []
  #bytes = 0

  keep(message: KeptMessage): void {
    const { transactionMessagesMax, transactionBytesMax } = limits
    this.messages.push(message)
    this.#bytes += message.sizeBytes
    if (this.messages.length <= transactionMessagesMax && this.#bytes <= transactionBytesMax) return
    throw new AmqpError(
      'RESOURCE_ERROR',
      `a transaction holds more than ${transactionMessagesMax} messages ` +
        `or ${transactionBytesMax} bytes`,
    )
  }

  /** Where tags go that are settled like that. */
  tagsFor(settlement: Settlement): number[] {
    const last = this.settlements.at(-1)
    if (last !== undefined && last.settlement === settlement) return last.tags
    const tags: number[] = []
    this.settlements.push({ settlement, tags })
    return tags
  }

  *tags(): Generator<readonly number[]> {
    for (const { tags } of this.settlements) yield tags
  }
}
