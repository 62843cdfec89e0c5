import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { expectReplay, JournalWorld } from '../journal-world.fixture.ts'
import { Namespaces } from '../namespace/index.ts'
import type { PolicySpec } from './events.ts'
import { Parameters } from './parameters.ts'
import { Policies, type PolicyTarget } from './policies.ts'

type Parts = { namespaces: Namespaces; policies: Policies; parameters: Parameters }

let world: JournalWorld<Parts>
let namespaces: Namespaces
let policies: Policies
let parameters: Parameters

function reopen(): void {
  world.reopen()
  ;({ namespaces, policies, parameters } = world.parts)
}

beforeEach(() => {
  world = new JournalWorld<Parts>(
    runtime => {
      const made = new Namespaces(runtime)
      const madePolicies = new Policies(runtime, made)
      const madeParameters = new Parameters(runtime, made, madePolicies)
      return { namespaces: made, policies: madePolicies, parameters: madeParameters }
    },
    made => [made.namespaces, made.policies, made.parameters],
  )
  ;({ namespaces, policies, parameters } = world.parts)
})

const spec = (name: string, change: Partial<PolicySpec> = {}): PolicySpec => ({
  namespace: '/',
  name,
  pattern: '.*',
  applyTo: 'all',
  definition: { 'message-ttl': 1000 },
  priority: 0,
  ...change,
})
const queue = (name: string, type: 'classic' | 'quorum' | 'stream' = 'classic'): PolicyTarget => ({
  kind: 'queue',
  namespace: '/',
  name,
  type,
})
const exchange = (name: string): PolicyTarget => ({ kind: 'exchange', namespace: '/', name })
const nameFor = (target: PolicyTarget): string | undefined =>
  policies.effective(target).policy?.name

test('policies: of those that match, the one with the highest priority applies', () => {
  policies.set(spec('low', { priority: 1 }))
  policies.set(spec('high', { priority: 9, pattern: '^q\\.' }))
  policies.set(spec('exchanges', { priority: 5, applyTo: 'exchanges' }))
  expect(nameFor(queue('q.1'))).toBe('high')
  expect(nameFor(queue('other'))).toBe('low')
  expect(nameFor(exchange('other'))).toBe('exchanges')
  policies.set(spec('high', { priority: 0, pattern: '^q\\.' }))
  expect(nameFor(queue('q.1'))).toBe('low')
  expect(policies.list('/').map(({ name }) => name)).toEqual(['exchanges', 'low', 'high'])
})

const applies: [applyTo: PolicySpec['applyTo'], target: PolicyTarget, does: boolean][] = [
  ['all', queue('a'), true],
  ['all', exchange('a'), true],
  ['queues', queue('a', 'stream'), true],
  ['queues', exchange('a'), false],
  ['classic_queues', queue('a'), true],
  ['classic_queues', queue('a', 'quorum'), false],
  ['quorum_queues', queue('a', 'quorum'), true],
  ['streams', queue('a', 'stream'), true],
  ['streams', queue('a'), false],
  ['exchanges', exchange('a'), true],
  ['exchanges', queue('a'), false],
]

for (const [applyTo, target, does] of applies) {
  const shown = target.kind === 'queue' ? `${target.type} queue` : 'exchange'
  test(`policies: ${applyTo} ${does ? 'is' : 'is not'} for a ${shown}`, () => {
    policies.set(spec('p', { applyTo }))
    expect(nameFor(target)).toBe(does ? 'p' : undefined)
  })
}

const merges: [key: string, user: unknown, operator: unknown, both: unknown][] = [
  ['message-ttl', 1000, 500, 500],
  ['message-ttl', 400, 500, 400],
  ['expires', 1, 2, 1],
  ['max-length', 0, 5, 0],
  ['max-length-bytes', 7, 5, 5],
  ['delivery-limit', -1, 5, 5],
  ['delivery-limit', 6, 5, 5],
  ['delivery-limit', 6, -1, 6],
  ['overflow', 'drop-head', 'reject-publish', 'reject-publish'],
  ['queue-version', 1, 2, 2],
  ['target-group-size', 3, 5, 5],
  ['delayed-retry-min', 10, 20, 20],
  ['delayed-retry-max', 10, 20, 10],
]

for (const [key, user, operator, both] of merges) {
  test(`policies: ${key} ${user} and an operator's ${operator} make ${both}`, () => {
    policies.set(spec('user', { definition: { [key]: user } }))
    policies.setOperator(spec('operator', { definition: { [key]: operator } }))
    const found = policies.effective(queue('q'))
    expect(found.definition).toEqual({ [key]: both })
    expect([found.policy?.name, found.operatorPolicy?.name]).toEqual(['user', 'operator'])
  })
}

test('policies: users and operators add to each other', () => {
  policies.set(spec('user', { definition: { 'dead-letter-exchange': 'dlx' } }))
  policies.setOperator(spec('operator', { definition: { 'max-length': 5 } }))
  expect(policies.effective(queue('q')).definition).toEqual({
    'dead-letter-exchange': 'dlx',
    'max-length': 5,
  })
})

/** Texts of a RabbitMQ 3.10.8; of its 4.3 where the older one knows fewer values. */
const refusals: [change: Partial<PolicySpec> | { definition: unknown }, text: string][] = [
  [{ definition: { 'message-ttl': 'x' } }, '<<"x">> is not a valid message TTL'],
  [{ definition: { 'message-ttl': -1 } }, '-1 is not a valid message TTL'],
  [{ definition: { 'max-length': 1.5 } }, '1.5 is not a valid maximum length'],
  [{ definition: { overflow: 'x' } }, '<<"x">> is not a valid overflow value'],
  [{ definition: { foo: 1 } }, '[{<<"foo">>,1}] are not recognised policy settings'],
  [{ definition: {} }, 'no policy provided'],
  [{ definition: { expires: 0 } }, '0 is not a valid queue expiry'],
  [{ definition: { 'max-age': '7x' } }, '<<"7x">> is not a valid max age'],
  [
    { definition: { 'delayed-retry-type': 'all' } },
    'delayed-retry-min is required when delayed-retry-type is all',
  ],
  [
    { definition: { 'delayed-retry-min': 5, 'delayed-retry-max': 4 } },
    'delayed-retry-max (4) must not be smaller than delayed-retry-min (5)',
  ],
  [{ definition: { 'delayed-retry-delays': [1, -1] } }, '[1,-1] is not a valid list of delays'],
  [{ pattern: '(' }, 'pattern should be regular expression but is invalid: '],
  [{ priority: 'x' as never }, 'priority should be a number, actually was <<"x">>'],
  [{ applyTo: 'foo' as never }, "apply-to 'foo' unrecognised; should be one of: 'queues'"],
]

for (const [change, text] of refusals) {
  test(`policies: ${JSON.stringify(change)} is refused: ${text}`, () => {
    let message = ''
    try {
      policies.set(spec('bad', change as Partial<PolicySpec>))
    } catch (error) {
      message = (error as Error).message
    }
    expect(message.startsWith(`Validation failed\n\n${text}`)).toBe(true)
    expect(policies.list()).toEqual([])
  })
}

test('policies: operators cannot set everything', () => {
  const definition = { 'dead-letter-exchange': 'x' }
  expect(() => policies.setOperator(spec('bad', { definition }))).toThrow(
    '[{<<"dead-letter-exchange">>,<<"x">>}] are not recognised policy settings',
  )
})

test("policies: mirrored queues' and federation's settings are taken", () => {
  const definition = {
    'ha-mode': 'exactly',
    'ha-params': 2,
    'ha-sync-mode': 'automatic',
    'federation-upstream-set': 'all',
    'queue-mode': 'lazy',
  }
  policies.set(spec('old', { definition }))
  expect(policies.effective(queue('q')).definition).toEqual(definition)
})

test('policies: listeners hear of changes of their namespace', () => {
  namespaces.add('team')
  const heard: string[] = []
  policies.onChanged(namespace => heard.push(namespace))
  policies.set(spec('a', { namespace: 'team' }))
  policies.setOperator(spec('b'))
  policies.delete('team', 'a')
  expect(heard).toEqual(['team', '/', 'team'])
  expect(() => policies.delete('team', 'a')).toThrow('Parameter does not exist')
})

test('parameters: values are kept, global ones and those of a namespace', () => {
  namespaces.add('team')
  parameters.set('team', 'shovel', 'move', { 'src-uri': 'amqp://' })
  parameters.setGlobal('cluster_name', 'rabbit@here')
  reopen()
  expect(parameters.find('team', 'shovel', 'move')?.value).toEqual({ 'src-uri': 'amqp://' })
  expect([...parameters.globals()]).toEqual([['cluster_name', 'rabbit@here']])
  parameters.clear('team', 'shovel', 'move')
  parameters.clearGlobal('cluster_name')
  expect(parameters.list()).toEqual([])
  expect(() => parameters.clear('team', 'shovel', 'move')).toThrow('Parameter does not exist')
  expect(() => parameters.clearGlobal('cluster_name')).toThrow('Parameter does not exist')
})

test('parameters: limits and operator policies have this other name', () => {
  parameters.set('/', 'vhost-limits', 'limits', { 'max-queues': 10, 'max-connections': -1 })
  expect(namespaces.get('/')).toMatchObject({ queuesMax: 10, connectionsMax: null })
  const value = {
    pattern: '.*',
    definition: { 'max-length': 5 },
    priority: 2,
    'apply-to': 'queues',
  }
  parameters.set('/', 'operator_policy', 'op', value)
  expect(policies.findOperator('/', 'op')).toMatchObject({ priority: 2, applyTo: 'queues' })
  expect(parameters.list('/')).toEqual([
    { namespace: '/', component: 'vhost-limits', name: 'limits', value: { 'max-queues': 10 } },
    { namespace: '/', component: 'operator_policy', name: 'op', value },
  ])
  parameters.clear('/', 'vhost-limits', 'limits')
  parameters.clear('/', 'operator_policy', 'op')
  expect(parameters.list('/')).toEqual([])
})

const parameterRefusals: [name: string, change: () => void, text: string][] = [
  ['a policy', () => parameters.set('/', 'policy', 'p', {}), 'policies may not be set using'],
  ['no namespace', () => parameters.set('no', 'a', 'b', 1), 'Virtual host no does not exist'],
  [
    'limits that are no numbers',
    () => parameters.set('/', 'vhost-limits', 'limits', { 'max-queues': 'x' }),
    'Validation failed\n\nmax-queues should be a number, actually was <<"x">>',
  ],
  [
    'unknown limits',
    () => parameters.set('/', 'vhost-limits', 'limits', { foo: 1 }),
    'Unrecognised terms [{<<"foo">>,1}] in limits',
  ],
  [
    'an operator policy without a pattern',
    () => parameters.set('/', 'operator_policy', 'op', { definition: { expires: 1 } }),
    'pattern should be a binary but was undefined',
  ],
]

for (const [name, change, text] of parameterRefusals) {
  test(`parameters: ${name} is refused`, () => {
    expect(change).toThrow(text)
    expect(parameters.list()).toEqual([])
  })
}

const space = fc.constantFrom('/', 'team')
const name = fc.constantFrom('a', 'b')
const changes = fc.oneof(
  fc.tuple(space, name, fc.integer()).map(([namespace, policy, priority]) => () => {
    policies.set(spec(policy, { namespace, priority }))
  }),
  fc.tuple(space, name).map(([namespace, policy]) => () => {
    policies.setOperator(spec(policy, { namespace }))
  }),
  fc.tuple(space, name).map(
    ([namespace, policy]) =>
      () =>
        policies.delete(namespace, policy),
  ),
  fc.tuple(space, name, fc.jsonValue()).map(([namespace, key, value]) => () => {
    parameters.set(namespace, 'tool', key, value)
  }),
  fc.tuple(space, name).map(
    ([namespace, key]) =>
      () =>
        parameters.clear(namespace, 'tool', key),
  ),
  name.map(key => () => parameters.setGlobal(key, [key])),
  name.map(key => () => parameters.clearGlobal(key)),
  fc.constant(() => namespaces.add('team')),
  fc.constant(() => namespaces.delete('team')),
  fc.constant(() => world.checkpoint()),
)

test('policies: any history comes back the same, from events and from snapshots', () => {
  expectReplay(changes, world, { reopen, numRuns: 100, lengthMax: 30 })
})
