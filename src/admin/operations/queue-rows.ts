import type { Broker } from '../../broker/broker.ts'
import type { QueueState } from '../../broker/queue/queue-state.ts'
import { NODE, queuePid } from '../pids.ts'
import { consumersOf } from './session-rows.ts'

type Row = Readonly<Record<string, unknown>>

/** A queue with all columns of RabbitMQ's list_queues, and Sabir's own. */
export function queueRow(broker: Broker, queue: QueueState): Row {
  const { spec, readyCount, unsettledCount } = queue
  return {
    name: spec.name,
    vhost: spec.namespace,
    durable: spec.isDurable,
    auto_delete: spec.isAutoDelete,
    exclusive: spec.owner !== null,
    arguments: spec.declared,
    type: spec.type,
    state: 'running',
    user: spec.user,
    pid: queuePid(queue),
    owner_pid: ownerOf(broker, queue),
    ...policyColumns(broker, queue),
    ...consumerColumns(broker, queue),
    messages: readyCount + unsettledCount,
    messages_ready: readyCount,
    messages_unacknowledged: unsettledCount,
    messages_persistent: spec.isDurable ? readyCount + unsettledCount : 0,
    ...memoryColumns(queue),
    ...byteColumns(queue),
    leader: NODE,
    members: [NODE],
    online: [NODE],
    slave_pids: '',
    synchronised_slave_pids: '',
    // Sabir's own.
    topic: queue.topic.name,
    source: spec.source,
    counters: queue.counters,
  }
}

function ownerOf(broker: Broker, { spec }: QueueState): unknown {
  if (spec.owner === null) return ''
  return broker.sessions.get(spec.owner)?.describe()['pid'] ?? ''
}

function policyColumns({ policies }: Broker, { spec }: QueueState): Row {
  const { namespace, name, type } = spec
  const found = policies.effective({ kind: 'queue', namespace, name, type })
  return {
    policy: found.policy?.name ?? '',
    operator_policy: found.operatorPolicy?.name ?? '',
    effective_policy_definition: found.definition,
  }
}

function consumerColumns(broker: Broker, queue: QueueState): Row {
  const { activeConsumer, settings } = queue
  const exclusive = [...queue.consumers()].find(({ options }) => options.isExclusive)
  const isSingle = settings.isSingleActive && activeConsumer !== null
  const [pid, tag] = addressOf(exclusive?.consumer.name ?? '')
  const [activePid, activeTag] = addressOf(isSingle ? activeConsumer : '')
  // Streams are read, not consumed from: the queue does not know who does.
  const consumers = queue.isStream
    ? consumersOf(broker, queue.spec.namespace, queue.topic.name).length
    : queue.consumerCount
  return {
    consumers,
    consumer_utilisation: capacityOf(queue),
    consumer_capacity: capacityOf(queue),
    exclusive_consumer_pid: pid,
    exclusive_consumer_tag: tag,
    single_active_consumer_pid: activePid,
    single_active_consumer_tag: activeTag,
  }
}

/** Consumers are named by their channel's id and their tag. */
function addressOf(name: string): readonly [pid: string, tag: string] {
  const space = name.indexOf(' ')
  return space < 0 ? ['', name] : [name.slice(0, space), name.slice(space + 1)]
}

/** How ready consumers are to take more: 1 when one is and nothing waits. */
const capacityOf = ({ consumerCount, readyCount }: QueueState): number =>
  consumerCount > 0 && readyCount === 0 ? 1 : 0

/** Messages lie in the log, whose newest part is in memory for all queues together. */
const memoryColumns = ({ lanes }: QueueState): Row => ({
  messages_ram: 0,
  messages_ready_ram: 0,
  messages_unacknowledged_ram: 0,
  message_bytes_ram: 0,
  messages_paged_out: 0,
  message_bytes_paged_out: 0,
  memory: 600 + lanes.all.length * 400,
  disk_reads: 0,
  disk_writes: 0,
  head_message_timestamp: '',
})

/** Exact where the queue counts them, which is where it has a limit; elsewhere the log's share. */
function byteColumns(queue: QueueState): Row {
  let [ready, unsettled] = [0, 0]
  for (const { log, unsettledBytes, readyBytes, readyCount, unsettledCount } of queue.lanes.all) {
    const average = averageBytes(log)
    const out = unsettledCount * average
    ready += unsettledBytes >= 0 ? readyBytes : readyCount * average
    unsettled += unsettledBytes >= 0 ? Math.max(0, unsettledBytes - readyBytes) : out
  }
  if (queue.isStream) for (const { log } of queue.topic.partitions) ready += log.sizeBytes
  const bytes = Math.round(ready) + Math.round(unsettled)
  return {
    message_bytes: bytes,
    message_bytes_ready: Math.round(ready),
    message_bytes_unacknowledged: Math.round(unsettled),
    message_bytes_persistent: queue.spec.isDurable ? bytes : 0,
  }
}

function averageBytes(log: {
  readonly startOffset: number
  readonly endOffset: number
  readonly sizeBytes: number
}): number {
  const records = log.endOffset - log.startOffset
  return records === 0 ? 0 : log.sizeBytes / records
}
