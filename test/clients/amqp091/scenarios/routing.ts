import type { Operations, Table } from '../driver.ts'
import { bodiesOf, numbered, type Scenario } from '../stage.ts'

/** Which queues got which keys: everything is published first, then every queue is emptied. */
async function arrivals(
  client: Operations,
  exchange: string,
  queues: readonly string[],
  keys: readonly string[],
): Promise<Record<string, string[]>> {
  await client.confirmSelect({ channel: 'a' })
  for (const key of keys) await client.publish({ channel: 'a', exchange, key, bodies: [key] })
  return emptied(client, queues)
}

async function emptied(
  client: Operations,
  queues: readonly string[],
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const queue of queues) {
    const bodies: string[] = []
    for (;;) {
      const got = await client.get({ channel: 'a', queue, noAck: true })
      if (got === null) break
      bodies.push(got.body)
    }
    found[queue] = bodies
  }
  return found
}

async function bound(
  client: Operations,
  exchange: string,
  type: string,
  bindings: readonly (readonly [queue: string, key: string, table?: Table])[],
  table?: Table,
): Promise<string[]> {
  await client.declareExchange({ channel: 'a', exchange, type, ...(table && { arguments: table }) })
  const queues = new Set<string>()
  for (const [queue, key, args] of bindings) {
    if (!queues.has(queue)) await client.declareQueue({ channel: 'a', queue })
    queues.add(queue)
    await client.bindQueue({ channel: 'a', queue, exchange, key, ...(args && { arguments: args }) })
  }
  return [...queues]
}

const keyed: readonly Scenario[] = [
  {
    name: 'a direct exchange compares keys',
    run: async ({ client, name, note }) => {
      const bindings = [
        [`${name}-1`, 'red'],
        [`${name}-2`, 'red'],
        [`${name}-2`, 'blue'],
        [`${name}-2`, 'red'],
      ] as const
      const queues = await bound(client, name, 'direct', bindings)
      note('bound', await arrivals(client, name, queues, ['red', 'blue', 'Red', '']))
      await client.unbindQueue({ channel: 'a', queue: `${name}-2`, exchange: name, key: 'red' })
      note('unbound', await arrivals(client, name, queues, ['red', 'blue']))
      await client.unbindQueue({ channel: 'a', queue: `${name}-2`, exchange: name, key: 'none' })
      await client.unbindQueue({ channel: 'a', queue: `${name}-none`, exchange: name, key: 'red' })
      note('unbound again', await arrivals(client, name, queues, ['blue']))
    },
  },
  {
    name: 'a fanout exchange ignores keys',
    run: async ({ client, name, note }) => {
      const bindings = [
        [`${name}-1`, ''],
        [`${name}-2`, 'x'],
      ] as const
      const queues = await bound(client, name, 'fanout', bindings)
      note('arrived', await arrivals(client, name, queues, ['', 'x', 'anything.else']))
    },
  },
  {
    name: 'a topic exchange matches words, * and #',
    run: async ({ client, name, note }) => {
      const patterns = [
        '#',
        '*',
        'a.*',
        'a.#',
        '#.c',
        'a.*.c',
        'a.#.c',
        '*.*',
        '#.#',
        '',
        'a..c',
        '#.*',
        '*.#',
      ]
      const bindings = patterns.map((pattern, index) => [`${name}-${index}`, pattern] as const)
      const queues = await bound(client, name, 'topic', bindings)
      const keys = ['', 'a', 'a.b', 'a.c', 'a.b.c', 'a.b.d.c', 'x.y.z', 'a..c', '.', 'a.', '*', '#']
      const found = await arrivals(client, name, queues, keys)
      for (const [index, pattern] of patterns.entries()) {
        note(`pattern "${pattern}"`, found[`${name}-${index}`])
      }
    },
  },
  {
    name: 'a headers exchange wants all headers of a binding, or any',
    run: async ({ client, name, note }) => {
      const tables: Record<string, Table> = {
        all: { 'x-match': 'all', a: '1', b: 2 },
        any: { 'x-match': 'any', a: '1', b: 2 },
        'by default': { a: '1' },
        'all, none given': { 'x-match': 'all' },
        'any, none given': { 'x-match': 'any' },
        'all with x': { 'x-match': 'all-with-x', 'x-y': '1', a: '1' },
        'any with x': { 'x-match': 'any-with-x', 'x-y': '1', a: '1' },
        'x ignored': { 'x-match': 'all', 'x-y': '1', a: '1' },
      }
      const bindings = Object.entries(tables).map(
        ([what, table]) => [`${name}-${what.replaceAll(/\W/g, '')}`, '', table] as const,
      )
      const queues = await bound(client, name, 'headers', bindings)
      const sent: Record<string, Table> = {
        none: {},
        a: { a: '1' },
        'a is 2': { a: '2' },
        'a is a number': { a: 1 },
        'a and b': { a: '1', b: 2 },
        b: { b: 2 },
        'b as text': { b: '2' },
        'x-y': { 'x-y': '1' },
        'a and x-y': { a: '1', 'x-y': '1' },
        c: { c: true },
      }
      await client.confirmSelect({ channel: 'a' })
      for (const [what, headers] of Object.entries(sent)) {
        const on = { channel: 'a', exchange: name, key: 'ignored' }
        await client.publish({ ...on, bodies: [what], properties: { headers } })
      }
      const found = await emptied(client, queues)
      for (const [what, queue] of Object.keys(tables).map((key, i) => [key, queues[i]] as const)) {
        note(what, found[queue ?? ''])
      }
    },
  },
]

const between: readonly Scenario[] = [
  {
    name: 'exchanges are bound to exchanges, also in a circle, and each queue gets one',
    run: async ({ client, name, note }) => {
      const [first, second] = [`${name}-x1`, `${name}-x2`]
      const queues = await bound(client, first, 'topic', [[`${name}-1`, 'a.#']])
      queues.push(
        ...(await bound(client, second, 'direct', [
          [`${name}-2`, 'a.b'],
          [`${name}-1`, 'a.b'],
        ])),
      )
      await client.bindExchange({ channel: 'a', destination: second, source: first, key: 'a.*' })
      await client.bindExchange({ channel: 'a', destination: first, source: second, key: 'a.b' })
      const unique = [...new Set(queues)]
      note('from the first', await arrivals(client, first, unique, ['a.b', 'a.c']))
      note('from the second', await arrivals(client, second, unique, ['a.b', 'a.c']))
      await client.unbindExchange({ channel: 'a', destination: second, source: first, key: 'a.*' })
      note('unbound', await arrivals(client, first, unique, ['a.b']))
    },
  },
  {
    name: 'what an exchange cannot route goes to its alternate, which counts as routed',
    run: async ({ client, name, note }) => {
      const alternate = `${name}-rest`
      const queues = await bound(client, alternate, 'fanout', [[`${name}-rest`, '']])
      const table = { 'alternate-exchange': alternate }
      queues.push(...(await bound(client, name, 'direct', [[`${name}-1`, 'known']], table)))
      note('arrived', await arrivals(client, name, queues, ['known', 'unknown']))
      await client.deleteQueue({ channel: 'a', queue: `${name}-rest` })
      const lost = { channel: 'a', exchange: name, key: 'x', bodies: ['x'], mandatory: true }
      note('confirmed', await client.publish(lost))
      const [returned] = await client.returned({ channel: 'a', count: 1 })
      note('returned', { ...returned, properties: {} })
      await client.deleteExchange({ channel: 'a', exchange: alternate })
      note('without it', await client.publish({ ...lost, mandatory: false }))
    },
  },
  {
    name: 'every queue is bound to the default exchange by its name',
    run: async ({ client, name, note, refused }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      note('arrived', await arrivals(client, '', [name], [name, `${name}x`]))
      await refused('bind', () =>
        client.bindQueue({ channel: 'a', queue: name, exchange: '', key: 'k' }),
      )
      await refused('unbind', () =>
        client.unbindQueue({ channel: 'a', queue: name, exchange: '', key: name }),
      )
      await refused('delete', () => client.deleteExchange({ channel: 'a', exchange: '' }))
    },
  },
  {
    name: 'a consistent hash exchange spreads by weight and keeps keys together',
    run: async ({ client, name, note }) => {
      const bindings = [
        [`${name}-1`, '1'],
        [`${name}-2`, '3'],
      ] as const
      const queues = await bound(client, name, 'x-consistent-hash', bindings)
      const keys = Array.from({ length: 400 }, (_, index) => `key-${index % 200}`)
      const found = await arrivals(client, name, queues, keys)
      const [light = [], heavy = []] = queues.map(queue => found[queue])
      note('none lost', light.length + heavy.length)
      note('heavier gets more', heavy.length > light.length && light.length > 0)
      note(
        'kept together',
        light.some(key => heavy.includes(key)),
      )
    },
  },
  {
    name: 'a recent history exchange repeats its last messages to a new queue',
    run: async ({ client, name, note }) => {
      const table = { 'x-recent-history-length': 2 }
      await bound(client, name, 'x-recent-history', [], table)
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', exchange: name, key: 'k', bodies: numbered(4) })
      await client.declareQueue({ channel: 'a', queue: name })
      await client.bindQueue({ channel: 'a', queue: name, exchange: name })
      await client.consume({ channel: 'a', queue: name, tag: 'c', noAck: true })
      note('repeated', bodiesOf(await client.deliveries({ channel: 'a', count: 2 })).sort())
    },
  },
  {
    name: 'a random exchange chooses one queue',
    run: async ({ client, name, note }) => {
      const bindings = [
        [`${name}-1`, ''],
        [`${name}-2`, ''],
      ] as const
      const queues = await bound(client, name, 'x-random', bindings)
      const found = await arrivals(
        client,
        name,
        queues,
        Array.from({ length: 40 }, () => 'k'),
      )
      const counts = queues.map(queue => found[queue]?.length ?? 0)
      note(
        'sum',
        counts.reduce((a, b) => a + b, 0),
      )
      note(
        'both',
        counts.every(count => count > 0),
      )
    },
  },
]

export const routingScenarios: readonly Scenario[] = [...keyed, ...between]
