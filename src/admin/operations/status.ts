import type { Broker } from '../../broker/broker.ts'
import { SERVER_VERSION } from '../../protocols/amqp091/server-properties.ts'
import { operation } from '../operation.ts'
import { NODE } from '../pids.ts'
import { nothing } from '../shapes.ts'
import { alarmFacts } from './alarms.ts'

export const statusOperations = [
  operation('status', nothing, ({ broker, process }) => ({
    ...process.describe(),
    nodeName: NODE,
    rabbitmqVersion: SERVER_VERSION,
    durability: broker.runtime.settings.durability,
    refusal: broker.runtime.store.refusal,
    alarms: alarmFacts(broker),
    totals: totals(broker),
  })),
  operation('suspend', nothing, ({ process }) => process.suspend()),
  operation('resume', nothing, ({ process }) => process.resume()),
  operation('stop', nothing, ({ process }) => process.stop()),
]

function totals(broker: Broker) {
  const { queues, topics, sessions, namespaces, groups } = broker
  return {
    connections: sessions.count,
    queues: queues.count,
    topics: [...topics.listed()].length,
    namespaces: namespaces.count,
    groups: [...groups.list()].length,
  }
}
