import type * as z from 'zod'
import type { Broker } from '../broker/broker.ts'
import { BrokerError } from '../broker/errors.ts'
import { type AdminContext, type Operation, operation } from './operation.ts'

/** An operation that changes what is stored: answered when the disk has it. */
export function change<Args extends z.ZodType>(
  name: string,
  args: Args,
  run: (context: AdminContext, args: z.output<Args>) => unknown,
): Operation {
  return operation(name, args, async (context, checked) => {
    const result = await run(context, checked)
    await safe(context.broker)
    return result
  })
}

/** Resolves when all that was published, settled and journaled so far is on the disk. */
export function safe(broker: Broker): Promise<void> {
  broker.turn.flush()
  return new Promise((resolve, reject) => {
    broker.runtime.store.whenConfirmed('sync', refusal => {
      if (refusal === null) resolve()
      else reject(new BrokerError('storage', refusal.message))
    })
  })
}
