import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Broker } from './broker.ts'
import { openBroker } from '../../test/broker/memory-broker.ts'
import { settingsOf } from './policy/index.ts'
import type { Queue, QueueSpec } from './queue/index.ts'
import { specOf } from './queue/spec.fixture.ts'
import type { Session } from './session/index.ts'

let broker: Broker

beforeEach(async () => {
  broker = await openBroker()
})
afterEach(() => broker.close())

function declare(name: string, change: Partial<QueueSpec> = {}): Queue {
  const spec = specOf(name, change)
  return broker.queues.declare(spec, settingsOf(spec.type, spec.declared, {}))
}

const policy = (definition: Record<string, unknown>, name = 'p', namespace = '/') => ({
  namespace,
  name,
  pattern: '^q',
  applyTo: 'all' as const,
  definition,
  priority: 0,
})

test('wiring: policies reach queues that are there, and those that come, and go again', () => {
  const before = declare('q1', { declared: { 'x-max-length': 10 } })
  const other = declare('other')
  broker.policies.set(policy({ 'max-length': 5, 'message-ttl': 100 }))
  const after = declare('q2')
  expect(before.settings).toMatchObject({ lengthMax: 5, messageTtlMs: 100 })
  expect(after.settings).toMatchObject({ lengthMax: 5, messageTtlMs: 100 })
  expect(other.settings).toMatchObject({ lengthMax: null })
  broker.policies.setOperator(policy({ 'max-length': 3 }, 'op'))
  expect(before.settings).toMatchObject({ lengthMax: 3, messageTtlMs: 100 })
  broker.policies.delete('/', 'p')
  broker.policies.deleteOperator('/', 'op')
  expect(before.settings).toMatchObject({ lengthMax: 10, messageTtlMs: null })
})

test('wiring: settings that were not declared as arguments survive a policy', () => {
  const settings = { ...settingsOf('classic', {}, {}), expiresMs: 77, messageTtlMs: 1000 }
  const { spec } = declare('other')
  const queue = broker.queues.declare({ ...spec, name: 'q' }, settings)
  broker.policies.set(policy({ 'message-ttl': 100 }))
  expect(queue.settings).toMatchObject({ expiresMs: 77, messageTtlMs: 100 })
})

test('wiring: policies reach exchanges', () => {
  broker.policies.set(policy({ 'alternate-exchange': 'amq.fanout' }))
  const exchange = broker.exchanges.declare({
    namespace: '/',
    name: 'q.x',
    type: 'direct',
    isDurable: true,
    isAutoDelete: false,
    isInternal: false,
    declared: {},
    user: 'guest',
  })
  expect(exchange.settings.alternateExchange).toBe('amq.fanout')
})

test('wiring: exclusive queues end with their session', () => {
  const { sessions, access } = broker
  const session: Session = {
    id: sessions.nextId(),
    protocol: 'test',
    user: access.user('guest')!,
    namespace: '/',
    describe: () => ({}),
    channels: () => [],
    close: () => sessions.remove(session),
    blocked() {},
  }
  sessions.add(session)
  const queue = declare('mine', { owner: session.id, isDurable: false })
  const kept = declare('ours')
  session.close('bye')
  expect([queue.isDeleted, kept.isDeleted]).toEqual([true, false])
})

test('wiring: a deleted namespace takes everything along, and comes back empty', () => {
  const { namespaces, queues, topics, exchanges, policies, access } = broker
  namespaces.add('team')
  access.setPermission('guest', 'team', { configure: '.*', write: '.*', read: '.*' })
  const queue = declare('q', { namespace: 'team' })
  exchanges.bind({
    namespace: 'team',
    source: 'amq.direct',
    destination: 'q',
    destinationKind: 'queue',
    routingKey: 'k',
    declared: {},
  })
  policies.set(policy({ expires: 1000 }, 'p', 'team'))
  topics.createNow({ name: 'log', namespace: 'team', partitionCount: 1, overrides: {} })
  const kept = declare('q')
  namespaces.delete('team')
  namespaces.add('team')
  expect([queue.isDeleted, kept.isDeleted]).toEqual([true, false])
  expect([...queues.inNamespace('team')]).toEqual([])
  expect([...topics.all()].filter(({ namespace }) => namespace === 'team')).toEqual([])
  expect([...exchanges.bindings('team')]).toEqual([])
  expect(policies.list('team')).toEqual([])
  expect(access.mayEnter(access.user('guest')!, 'team')).toBe(false)
})
