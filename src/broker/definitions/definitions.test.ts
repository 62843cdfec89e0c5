import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Broker } from '../broker.ts'
import { openBroker } from '../../../test/broker/memory-broker.ts'
import {
  type DefinitionNames,
  exportDefinitions,
  exportNamespace,
  importDefinitions,
  type ImportReport,
} from './index.ts'

const names: DefinitionNames = {
  rabbitmqVersion: '4.3.5',
  productName: 'Sabir',
  productVersion: '0.0.0',
}
/** What a RabbitMQ 3.10.8 exported that users, virtual hosts and all the rest were made in. */
const vector: unknown = JSON.parse(
  readFileSync(new URL('vectors/rabbitmq-3.10.8.json', import.meta.url), 'utf8'),
)

let broker: Broker

beforeEach(async () => {
  broker = await openBroker()
})
afterEach(() => broker.close())

const load = (json: unknown, namespace?: string): Promise<ImportReport> =>
  importDefinitions(broker, json, {
    user: 'ann',
    ...(namespace === undefined ? {} : { namespace }),
  })

test('definitions: all that a RabbitMQ exports is taken', async () => {
  const { failures, counts } = await load(vector)
  expect(failures).toEqual([])
  expect(counts).toMatchObject({
    users: { made: 2, changed: 1 },
    vhosts: { made: 1, kept: 1 },
    queues: { made: 4 },
    exchanges: { made: 2 },
    bindings: { made: 3 },
  })
  const { access, namespaces, policies, parameters, queues, exchanges } = broker
  expect(await access.authenticate('ann', 'secret')).toMatchObject({
    tags: ['monitoring', 'policymaker'],
    limits: { connectionsMax: 5, channelsMax: null },
  })
  const ann = access.user('ann')!
  expect(access.may(ann, 'team', 'configure', 'ann.q')).toBe(true)
  expect(access.may(ann, 'team', 'read', 'ann.q')).toBe(false)
  const request = { operation: 'write', exchange: 'amq.topic', routingKey: 'bob.x' } as const
  expect(access.mayTopic(ann, 'team', request)).toBe(false)
  expect(namespaces.get('team')).toMatchObject({
    description: 'a team',
    tags: ['a', 'b'],
    queuesMax: 10,
    connectionsMax: null,
  })
  expect(policies.find('/', 'bad')?.definition).toEqual({ 'ha-mode': 'all' })
  expect(policies.findOperator('team', 'op')?.definition).toEqual({ 'max-length': 50 })
  expect([...parameters.globals()]).toEqual([['mqtt_default_vhosts', { 'O=x': 'team' }]])
  expect(parameters.find('team', 'federation-upstream', 'up')?.value).toEqual({
    expires: 3600000,
    uri: 'amqp://localhost',
  })
  expect(queues.find('team', 'ann.classic')!.settings).toMatchObject({
    messageTtlMs: 30_000,
    priorityMax: 5,
    deadLetterExchange: '',
    deadLetterRoutingKey: 'dead',
    isSingleActive: true,
    lengthMax: 50,
  })
  expect(queues.find('team', 'ann.quorum')!.settings.deliveryLimit).toBe(7)
  expect(queues.find('team', 'ann.stream')!.spec.type).toBe('stream')
  expect(queues.find('team', 'ann.transient')!.spec).toMatchObject({
    isDurable: false,
    isAutoDelete: true,
    user: 'ann',
  })
  expect(exchanges.find('team', 'events')!.settings.alternateExchange).toBe('dlx')
})

test('definitions: a second import changes nothing', async () => {
  await load(vector)
  const before = exportDefinitions(broker, names)
  const { counts, failures } = await load(vector)
  expect(failures).toEqual([])
  for (const [section, { made, changed }] of Object.entries(counts)) {
    expect([section, made, changed]).toEqual([section, 0, 0])
  }
  expect(exportDefinitions(broker, names)).toEqual(before)
})

test('definitions: an export, imported elsewhere, gives the same export', async () => {
  await load(vector)
  broker.exchanges.declare({
    namespace: 'team',
    name: 'inner',
    type: 'headers',
    isDurable: true,
    isAutoDelete: false,
    isInternal: true,
    declared: {},
    user: 'ann',
  })
  const text = JSON.stringify(exportDefinitions(broker, names))
  const other = await openBroker()
  const { failures } = await importDefinitions(other, JSON.parse(text), { user: 'ann' })
  expect(failures).toEqual([])
  expect(sorted(exportDefinitions(other, names))).toEqual(sorted(JSON.parse(text)))
  expect(await other.access.authenticate('ann', 'secret')).not.toBeNull()
  await other.close()
})

/** The order of lists says nothing. */
function sorted(definitions: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const lists = Object.entries(definitions).map(([name, list]) => [
    name,
    Array.isArray(list) ? list.map(each => JSON.stringify(each)).sort() : list,
  ])
  return Object.fromEntries(lists) as Record<string, unknown>
}

test('definitions: those of one namespace go into another', async () => {
  await load(vector)
  const single = exportNamespace(broker, names, 'team')
  expect(JSON.stringify(single)).not.toContain('"vhost"')
  await expect(load(single)).rejects.toThrow('are missing the virtual host field')
  broker.namespaces.add('copy')
  const { failures } = await load(single, 'copy')
  expect(failures).toEqual([])
  expect({ ...exportNamespace(broker, names, 'copy'), metadata: 0, description: 0 }).toEqual({
    ...single,
    original_vhost_name: 'copy',
    metadata: 0,
    description: 0,
  })
  await expect(load(single, 'nowhere')).rejects.toThrow('Virtual host nowhere does not exist')
})

const queue = (name: string, args: object = {}) => ({
  vhost: '/',
  name,
  durable: true,
  auto_delete: false,
  arguments: args,
})

const failing: [json: Record<string, unknown[]>, message: string][] = [
  [
    { queues: [{ ...queue('q'), vhost: 'nowhere' }] },
    'queue "q" in vhost "nowhere": Please create virtual host "nowhere" prior to importing',
  ],
  [
    { queues: [queue('q', { 'x-message-ttl': 'soon' })] },
    'queue "q" in vhost "/" cannot be declared: argument x-message-ttl: "soon" is not a valid',
  ],
  [
    { queues: [queue('q', { 'x-queue-type': 'fast' })] },
    'argument x-queue-type: "fast" is not a queue type',
  ],
  [{ queues: [{ ...queue('q'), durable: 'maybe' }] }, 'needs true or false for "durable"'],
  [{ queues: [{ vhost: '/' }] }, 'queue in vhost "/" needs text for "name", it is missing'],
  [
    { exchanges: [{ vhost: '/', name: 'x', type: 'sideways' }] },
    'exchange "x" in vhost "/" has the unknown type "sideways"',
  ],
  [
    { bindings: [{ vhost: '/', source: 'no', destination: 'q', destination_type: 'queue' }] },
    'binding of exchange "no" in vhost "/": ',
  ],
  [
    { policies: [{ vhost: '/', name: 'p', pattern: '.*', definition: { x: 1 } }] },
    'policy "p" in vhost "/": Validation failed\n\n[{<<"x">>,1}] are not recognised policy',
  ],
  [
    { permissions: [{ vhost: '/', user: 'no', configure: '', write: '', read: '' }] },
    'permission of "no" in vhost "/": User "no" does not exist',
  ],
  [{ permissions: [{ vhost: '/', user: 'guest', write: '', read: '' }] }, '"configure"'],
  [
    { users: [{ name: 'u', tags: [], password: 'a', password_hash: 'b' }] },
    'user "u" has both "password" and "password_hash"',
  ],
  [
    { users: [{ name: 'u', tags: [], password_hash: 'AA==', hashing_algorithm: 'rot13' }] },
    'user "u": unknown hashing algorithm "rot13"',
  ],
  [{ vhosts: [{ name: 'v', metadata: { default_queue_type: 'fast' } }] }, 'vhost "v": fast is not'],
  [{ users: [7] }, 'user is not an object'],
]

for (const [json, message] of failing) {
  test(`definitions: ${JSON.stringify(json)} is named`, async () => {
    const { failures } = await load({ ...json, global_parameters: [{ name: 'g', value: 1 }] })
    expect(failures).toHaveLength(1)
    expect(failures[0]!.message).toContain(message)
    expect(broker.parameters.globals().get('g')).toBe(1) // The rest went on.
  })
}

for (const json of [null, [1], 'text', { queues: {} }]) {
  test(`definitions: ${JSON.stringify(json)} are none`, async () => {
    await expect(load(json)).rejects.toMatchObject({ kind: 'malformed' })
  })
}

test('definitions: too many queues for a namespace are refused as a whole', async () => {
  broker.namespaces.put('/', { queuesMax: 2 })
  await load({ queues: [queue('a')] })
  const json = { queues: [queue('a'), queue('b'), queue('c')], users: [{ name: 'u', tags: '' }] }
  await expect(load(json)).rejects.toThrow(
    'Adding 2 queue(s) to virtual host "/" would exceed the limit of 2 queue(s).',
  )
  expect(broker.access.user('u')).toBeUndefined()
})

test('definitions: a password in the clear is kept as it was when it is the same', async () => {
  const json = { users: [{ name: 'eve', password: 'x', tags: 'monitoring' }] }
  expect((await load(json)).counts.users).toEqual({ made: 1, changed: 0, kept: 0 })
  expect((await load(json)).counts.users).toEqual({ made: 0, changed: 0, kept: 1 })
  expect(broker.access.user('eve')!.credentials.scram).not.toBeNull()
})

test('definitions: before RabbitMQ 3.6 a hash was MD5', async () => {
  const users = [{ name: 'old', password_hash: 'AAAA', tags: 'administrator' }]
  await load({ rabbit_version: '3.5.7', users })
  const { hashingAlgorithm } = broker.access.user('old')!.credentials
  expect(hashingAlgorithm).toBe('rabbit_password_hashing_md5')
})

test('definitions: many are imported in turns', async () => {
  const queues = Array.from({ length: 1200 }, (_, index) => queue(`q${index}`))
  expect((await load({ queues })).counts.queues).toEqual({ made: 1200, changed: 0, kept: 0 })
})

test('definitions: rules, digests and disabled users go and come back', async () => {
  const user = {
    name: 'red',
    password_hash: '',
    tags: [],
    password_digests: ['0'.repeat(64)],
    disabled: true,
    rules: { resp: '~a resetchannels -@all +get' },
  }
  expect((await load({ users: [user] })).counts.users).toEqual({ made: 1, changed: 0, kept: 0 })
  const { credentials, isDisabled, rules } = broker.access.user('red')!
  expect([credentials.digests, isDisabled, rules]).toEqual([
    user.password_digests,
    true,
    user.rules,
  ])
  const { users } = exportDefinitions(broker, names) as { users: { name: string }[] }
  expect(users.find(({ name }) => name === 'red')).toMatchObject(user)
  expect((await load({ users })).counts.users).toMatchObject({ made: 0, changed: 0 })
  await load({ users: [{ ...user, name: 'bad', password_digests: ['xyz'] }] })
  expect(broker.access.user('bad')).toBeUndefined()
})
