import type { Access } from '../../../broker/access/access.ts'
import type { Publisher, Tracing } from '../../../broker/publish/index.ts'
import type { Queue } from '../../../broker/queue/queue.ts'
import type { Exchange } from '../../../broker/routing/exchange.ts'
import type { Runtime } from '../../../broker/runtime.ts'
import type { Streams } from '../../../broker/stream/index.ts'
import type { Topics } from '../../../broker/topic/index.ts'
import type { Turn } from '../../../broker/turn.ts'
import type { Mappings } from '../../../message/mapping.ts'
import type { PublishGate } from './publish/publish-gate.ts'
import type { ReplyQueues } from './consume/reply-queues.ts'

/** What channels need of the broker. */
export type ChannelBroker = {
  readonly runtime: Runtime
  readonly turn: Turn
  readonly mappings: Mappings
  readonly topics: Topics
  readonly streams: Streams
  readonly publisher: Publisher & { readonly tracing: Pick<Tracing, 'isActive' | 'delivered'> }
  readonly access: Access
  readonly queues: { find(namespace: string, name: string): Queue | undefined }
  readonly exchanges: { find(namespace: string, name: string): Exchange | undefined }
}

/** What all channels of a broker share. */
export type ChannelServices = {
  readonly broker: ChannelBroker
  readonly gate: PublishGate
  readonly replies: ReplyQueues
}
