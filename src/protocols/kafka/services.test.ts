import { expect, test } from 'vitest'
import type { Broker } from '../../broker/broker.ts'
import { limits } from '../../limits/limits.ts'
import type { Peer } from '../protocol.ts'
import { KafkaConnection } from './connection.ts'
import { Services } from './services.ts'

const store = { onAdvanced: () => {}, onRefusal: () => {} }
const broker = { runtime: { random: { next: () => 0 }, store } } as unknown as Broker
const peer = { now: () => 0, egress: { end: () => {} }, remote: {} } as unknown as Peer

test('kafka services: answers are shorter, the more connections there are', () => {
  const services = new Services(broker)
  const [first] = Array.from({ length: 16 }, () => new KafkaConnection(peer, services))
  expect(services.fetchBytesMax).toBe(limits.freeAnswerBytesMax / 16)
  first!.closed()
  first!.closed()
  expect(services.fetchBytesMax).toBe(Math.floor(limits.freeAnswerBytesMax / 15))
  for (let count = 0; count < 1000; count++) new KafkaConnection(peer, services)
  expect(services.fetchBytesMax).toBe(limits.fetchBytesMin)
})
