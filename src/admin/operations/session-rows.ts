import type { Broker } from '../../broker/broker.ts'

type Row = Readonly<Record<string, unknown>>

/** Connections with all columns their protocols have. */
export function* connectionRows(broker: Broker): Generator<Row> {
  for (const session of broker.sessions.all()) yield { id: session.id, ...session.describe() }
}

export function* channelRows(broker: Broker): Generator<Row> {
  for (const session of broker.sessions.all()) {
    for (const { consumers: _consumers, ...channel } of session.channels()) yield channel
  }
}

/** Consumers of a namespace, by the names of RabbitMQ's list_consumers. */
export function* consumerRows(broker: Broker, namespace: string): Generator<Row> {
  for (const session of broker.sessions.all()) {
    if (session.namespace !== namespace) continue
    for (const channel of session.channels()) {
      const consumers = channel['consumers']
      if (!Array.isArray(consumers)) continue
      for (const consumer of consumers as readonly Row[])
        yield {
          queue_name: consumer['queue'],
          channel_pid: channel['pid'],
          ...consumer,
          ...activityOf(broker, namespace, { channel, consumer }),
        }
    }
  }
}

export const consumersOf = (broker: Broker, namespace: string, queue: string): readonly Row[] =>
  [...consumerRows(broker, namespace)].filter(row => row['queue_name'] === queue)

/** Of an exclusive or single-active queue, whose turn it is; of others all are active. */
function activityOf(
  broker: Broker,
  namespace: string,
  { channel, consumer }: { readonly channel: Row; readonly consumer: Row },
): Row {
  const queue = broker.queues.find(namespace, String(consumer['queue']))
  const activeName = queue?.activeConsumer ?? null
  const name = `${String(channel['pid'])} ${String(consumer['consumer_tag'])}`
  const active = activeName === null || activeName === name
  const isSingle = queue?.settings.isSingleActive === true
  const status = isSingle ? (active ? 'single_active' : 'waiting') : 'up'
  return { active, activity_status: status }
}
