import { eventually, numbered, type Scenario } from '../stage.ts'
import { ClientError, type Operations } from '../driver.ts'

async function isThere(client: Operations, queue: string): Promise<boolean> {
  try {
    await client.declareQueue({ channel: 'probe', queue, passive: true })
    return true
  } catch (error) {
    if (error instanceof ClientError && error.code === 404) return false
    throw error
  }
}

async function isExchange(client: Operations, exchange: string): Promise<boolean> {
  try {
    const passive = { channel: 'probe', exchange, type: 'direct', passive: true }
    await client.declareExchange(passive)
    return true
  } catch (error) {
    if (error instanceof ClientError && error.code === 404) return false
    throw error
  }
}

export const lifetimeScenarios: readonly Scenario[] = [
  {
    name: 'the broker names a queue that has no name',
    run: async ({ client, name, note }) => {
      const exclusive = { channel: 'a', queue: '', exclusive: true }
      const { queue } = await client.declareQueue(exclusive)
      note('named', queue)
      note('length', queue.length)
      note('another', (await client.declareQueue(exclusive)).queue === queue)
      await client.declareExchange({ channel: 'a', exchange: name, type: 'direct' })
      await client.bindQueue({ channel: 'a', queue, exchange: name, key: 'k' })
      await client.publish({ channel: 'a', exchange: name, key: 'k', bodies: ['m'] })
      await client.consume({ channel: 'a', queue, tag: 'c', noAck: true })
      note('bound', (await client.deliveries({ channel: 'a', count: 1 })).length)
    },
  },
  {
    name: 'an exclusive queue belongs to its connection and ends with it',
    run: async ({ client, name, note, refused }) => {
      const on = { channel: 'a', queue: name }
      await client.declareQueue({ ...on, exclusive: true, durable: false })
      note('other channel', await client.declareQueue({ ...on, channel: 'a.2', passive: true }))
      await refused('passive', () => client.declareQueue({ ...on, channel: 'b', passive: true }))
      await refused('declare', () => client.declareQueue({ ...on, channel: 'b' }))
      await refused('consume', () => client.consume({ ...on, channel: 'b', tag: 'c' }))
      await refused('get', () => client.get({ ...on, channel: 'b' }))
      await refused('purge', () => client.purgeQueue({ ...on, channel: 'b' }))
      await refused('delete', () => client.deleteQueue({ ...on, channel: 'b' }))
      const bind = { ...on, channel: 'b', exchange: 'amq.direct', key: 'k' }
      await refused('bind', () => client.bindQueue(bind))
      await client.publish({ channel: 'b', key: name, bodies: ['from another'] })
      await eventually(
        async () => (await client.declareQueue({ ...on, passive: true })).messages === 1,
      )
      await client.close({ connection: 'a' })
      note('outlives its connection', await isThere(client, name))
    },
  },
  {
    name: 'an auto-delete queue ends with its last consumer, not before its first',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name, autoDelete: true, durable: false })
      await client.close({ connection: 'a' })
      note('without a consumer', await isThere(client, name))
      for (const channel of ['b', 'c']) await client.consume({ channel, queue: name, tag: channel })
      await client.cancel({ channel: 'b', tag: 'b' })
      note('with one left', await isThere(client, name))
      await client.close({ connection: 'c' })
      await eventually(async () => !(await isThere(client, name)))
    },
  },
  {
    name: 'an auto-delete exchange ends with its last binding',
    run: async ({ client, name, note }) => {
      const exchange = { channel: 'a', exchange: name }
      await client.declareExchange({
        ...exchange,
        type: 'fanout',
        autoDelete: true,
        durable: false,
      })
      await client.declareQueue({ channel: 'a', queue: name })
      for (const key of ['x', 'y']) await client.bindQueue({ ...exchange, queue: name, key })
      await client.unbindQueue({ ...exchange, queue: name, key: 'x' })
      note('with one left', await isExchange(client, name))
      await client.deleteQueue({ channel: 'a', queue: name })
      note('without', await isExchange(client, name))
    },
  },
  {
    name: 'a queue that nobody uses expires',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name, arguments: { 'x-expires': 300 } })
      await client.consume({ channel: 'a', queue: name, tag: 'c' })
      await new Promise(resolve => setTimeout(resolve, 600))
      note('in use', await isThere(client, name))
      await client.cancel({ channel: 'a', tag: 'c' })
      await new Promise(resolve => setTimeout(resolve, 800))
      note('out of use', await isThere(client, name))
    },
  },
  {
    name: 'a queue or an exchange in use is not deleted when asked to look',
    run: async ({ client, name, note, refused }) => {
      const on = { channel: 'a', queue: name }
      await client.declareQueue(on)
      await client.declareExchange({ channel: 'a', exchange: name, type: 'direct' })
      await client.bindQueue({ ...on, exchange: name, key: 'k' })
      await client.confirmSelect({ channel: 'a.2' })
      await client.publish({ channel: 'a.2', key: name, bodies: numbered(2) })
      await refused('not empty', () => client.deleteQueue({ ...on, channel: 'b', ifEmpty: true }))
      await client.consume({ ...on, tag: 'c' })
      await refused('consumed', () => client.deleteQueue({ ...on, channel: 'b', ifUnused: true }))
      const exchange = { channel: 'b', exchange: name }
      await refused('bound', () => client.deleteExchange({ ...exchange, ifUnused: true }))
      await client.deliveries({ channel: 'a', count: 2 })
      note('deleted', await client.deleteQueue({ ...on, channel: 'b' }))
      note('deleted again', await client.deleteQueue({ ...on, channel: 'b' }))
      await refused('unused', () => client.deleteExchange({ ...exchange, ifUnused: true }))
      await refused('gone', () => client.deleteExchange(exchange))
    },
  },
  {
    name: 'the bindings of a queue end with it',
    run: async ({ client, name, note }) => {
      await client.declareExchange({ channel: 'a', exchange: name, type: 'fanout' })
      await client.declareQueue({ channel: 'a', queue: name })
      await client.bindQueue({ channel: 'a', queue: name, exchange: name })
      await client.deleteQueue({ channel: 'a', queue: name })
      await client.declareQueue({ channel: 'a', queue: name })
      await client.confirmSelect({ channel: 'a' })
      const lost = { channel: 'a', exchange: name, key: '', bodies: ['x'], mandatory: true }
      await client.publish(lost)
      note('returned', (await client.returned({ channel: 'a', count: 1 })).length)
    },
  },
]
