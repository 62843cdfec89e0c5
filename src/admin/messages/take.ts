import type { Broker } from '../../broker/broker.ts'
import { BrokerError } from '../../broker/errors.ts'
import { accept, type Delivery, requeue, type Settlement } from '../../broker/queue/index.ts'
import type { QueueState } from '../../broker/queue/queue-state.ts'
import { limits } from '../../limits/limits.ts'
import { shownMessage, type ShownMessage } from './shown.ts'

/** No session has this number. */
const NOBODY = 0

type Taken = {
  readonly lane: number
  readonly offset: Delivery['offset']
  readonly message: ShownMessage
}

/** Takes messages off a queue, or (`isKept`) looks at them in order and gives them back. */
export async function take(
  broker: Broker,
  queue: QueueState,
  wanted: { readonly count: number; readonly isKept: boolean },
): Promise<readonly ShownMessage[]> {
  if (queue.spec.owner !== null)
    throw new BrokerError('access-refused', `queue '${queue.spec.name}' belongs to a connection`)
  const taken: Taken[] = []
  let bytesLeft: number = limits.localRequestBytesMax
  let settlement: Settlement = requeue
  try {
    while (taken.length < wanted.count && bytesLeft > 0) {
      const one = await takeOne(broker, queue)
      if (one === null) break
      bytesLeft -= one.message.bodyBytes
      taken.push(one)
    }
    if (!wanted.isKept) settlement = accept
  } finally {
    for (const { lane, offset } of taken) queue.settle(lane, offset, settlement)
  }
  return taken.map(({ message }) => message)
}

function takeOne(broker: Broker, queue: QueueState): Promise<Taken | null> {
  return new Promise(resolve => {
    queue.pull({
      isAutoAccepted: false,
      sessionId: NOBODY,
      deliver: delivery => {
        const { lane, offset, count, message } = delivery
        const shown = shownMessage(broker.mappings, message, lane)
        resolve({ lane, offset, message: { ...shown, redelivered: count > 0 } })
      },
      empty: () => resolve(null),
    })
  })
}
