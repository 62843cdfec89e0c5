import { ClientError, type Operations } from '../driver.ts'
import { bodiesOf, numbered, type Scenario } from '../stage.ts'

async function isThere(client: Operations, queue: string): Promise<boolean> {
  try {
    await client.declareQueue({ channel: 'probe', queue, passive: true })
    return true
  } catch (error) {
    if (error instanceof ClientError && error.code === 404) return false
    throw error
  }
}

export const restartScenarios: readonly Scenario[] = [
  {
    name: 'durable queues and bindings outlive a restart with their persistent messages',
    run: async ({ client, name, note, restart }) => {
      const on = { channel: 'a', queue: name }
      const persistent = { deliveryMode: 2, headers: { kept: 'yes' }, priority: 2 }
      await client.declareExchange({ channel: 'a', exchange: name, type: 'topic' })
      await client.declareExchange({ channel: 'a', exchange: `${name}-2`, type: 'fanout' })
      await client.declareQueue({ ...on, arguments: { 'x-max-priority': 3 } })
      await client.bindQueue({ ...on, exchange: name, key: 'a.#' })
      await client.bindExchange({ channel: 'a', destination: name, source: `${name}-2`, key: 'x' })
      await client.declareQueue({ channel: 'a', queue: `${name}-gone`, durable: false })
      await client.confirmSelect({ channel: 'a' })
      const publish = { channel: 'a', exchange: name, key: 'a.b', properties: persistent }
      await client.publish({ ...publish, bodies: numbered(4) })
      await client.get(on)
      const second = await client.get(on)
      await client.ack({ channel: 'a', tag: second?.tag ?? 0 })
      await client.qos({ channel: 'a', count: 9 }) // Its answer comes after the acknowledgement.
      await restart()
      note('the transient queue', await isThere(client, `${name}-gone`))
      note('messages', (await client.declareQueue({ ...on, passive: true })).messages)
      await client.confirmSelect({ channel: 'a' })
      const further = { channel: 'a', exchange: `${name}-2`, key: 'a.c', bodies: ['after'] }
      note('routed', await client.publish({ ...further, mandatory: true }))
      await client.consume({ ...on, tag: 'c', noAck: true })
      const kept = await client.deliveries({ channel: 'a', count: 4 })
      note(
        'kept',
        kept.map(({ body, key, properties }) => [body, key, properties.headers]),
      )
      note('first redelivered', kept[0]?.redelivered)
    },
  },
  {
    name: 'transient messages of a durable queue end with the broker',
    differs: {
      because: 'a durable queue keeps whatever it has, as quorum queues do',
      notes: () => ({ left: ['transient', 'kept'] }),
    },
    run: async ({ client, name, note, restart }) => {
      const on = { channel: 'a', queue: name }
      await client.declareQueue(on)
      await client.confirmSelect({ channel: 'a' })
      const publish = { channel: 'a', key: name }
      await client.publish({ ...publish, bodies: ['transient'], properties: { deliveryMode: 1 } })
      await client.publish({ ...publish, bodies: ['kept'], properties: { deliveryMode: 2 } })
      await restart()
      await client.consume({ ...on, tag: 'c', noAck: true })
      note('left', bodiesOf(await client.deliveries({ channel: 'a', count: 2, waitMs: 300 })))
    },
  },
  {
    name: 'a time to live goes on while the broker is away',
    run: async ({ client, name, note, restart }) => {
      const table = {
        'x-message-ttl': 1500,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': `${name}-dead`,
      }
      await client.declareQueue({ channel: 'a', queue: `${name}-dead` })
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.confirmSelect({ channel: 'a' })
      const persistent = { deliveryMode: 2 }
      const publish = { channel: 'a', key: name, properties: persistent }
      await client.publish({ ...publish, bodies: ['old'] })
      await restart()
      await client.consume({ channel: 'a', queue: `${name}-dead`, tag: 'c', noAck: true })
      const [dead] = await client.deliveries({ channel: 'a', count: 1 })
      note('dead', dead && { body: dead.body, headers: dead.properties.headers })
    },
  },
]
