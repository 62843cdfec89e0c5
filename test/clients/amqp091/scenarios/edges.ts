import type { Message, Operations } from '../driver.ts'
import { bodiesOf, eventually, numbered, type Scenario } from '../stage.ts'

const seen = ({ body, redelivered }: Message): unknown[] => [body, redelivered]

/** Every value that JSON can say, in sizes that clients write as different types. */
const headers = {
  ...{ nothing: null, yes: true, no: false, fraction: 1.5, small: -1, byte: 200, short: -300 },
  ...{ medium: 70_000, long: 2 ** 40, negative: -(2 ** 40), empty: '', text: 'ä ✓' },
  ...{ list: [1, 'two', null, [3]], table: { deep: { deeper: [{ deepest: true }] } } },
  ...{ 'x-mine': 'kept', 'x-delay-of-mine': 5, 'no list': [], 'no table': {} },
}

const deliveries: readonly Scenario[] = [
  {
    name: 'headers keep their values through a queue and as dead letters',
    except: { pika: 'it does not write fractions' },
    differs: {
      because: 'since RabbitMQ 4.0 the counts of a history that a client sent are not continued',
      notes: () => ({ 'counted on': 1 }),
    },
    run: async ({ client, name, note }) => {
      const table = {
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': `${name}-dead`,
      }
      await client.declareQueue({ channel: 'a', queue: `${name}-dead` })
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.publish({ channel: 'a', key: name, bodies: ['x'], properties: { headers } })
      await client.consume({ channel: 'a', queue: name, tag: 'c' })
      const [got] = await client.deliveries({ channel: 'a', count: 1 })
      note('delivered', got?.properties.headers)
      await client.reject({ channel: 'a', tag: got?.tag ?? 0, requeue: false })
      await client.consume({ channel: 'b', queue: `${name}-dead`, tag: 'c' })
      const [dead] = await client.deliveries({ channel: 'b', count: 1 })
      note('dead', dead?.properties.headers)
      await client.publish({
        ...{ channel: 'a', key: name, bodies: ['again'] },
        properties: { headers: { ...dead?.properties.headers, mine: 2 } },
      })
      const [once] = await client.deliveries({ channel: 'a', count: 1 })
      await client.reject({ channel: 'a', tag: once?.tag ?? 0, requeue: false })
      const [more] = await client.deliveries({ channel: 'b', count: 1 })
      const [death] = (more?.properties.headers?.['x-death'] ?? []) as { count: number }[]
      note('counted on', death?.count)
    },
  },
  {
    name: 'names and keys hold any text of up to 255 bytes',
    run: async ({ client, name, note }) => {
      const queue = `${name} é ✓ 队列/\\"'`
      note('declared', await client.declareQueue({ channel: 'a', queue }))
      await client.declareExchange({ channel: 'a', exchange: queue, type: 'direct' })
      const key = 'ключ'.repeat(31)
      await client.bindQueue({ channel: 'a', queue, exchange: queue, key })
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', exchange: queue, key, bodies: ['тело ✓'] })
      const got = await client.get({ channel: 'a', queue, noAck: true })
      note('got', got && { ...got, properties: {} })
    },
  },
  {
    name: 'ten thousand messages keep their order through many acknowledgements',
    run: async ({ client, name, note }) => {
      const bodies = numbered(10_000)
      await client.declareQueue({ channel: 'a', queue: name })
      await client.qos({ channel: 'b', count: 300 })
      await client.consume({ channel: 'b', queue: name, tag: 'c' })
      await client.publish({ channel: 'a', key: name, bodies })
      const found: string[] = []
      while (found.length < bodies.length) {
        const some = await client.deliveries({ channel: 'b', count: 100 })
        if (some.length === 0) break
        found.push(...bodiesOf(some))
        await client.ack({ channel: 'b', tag: some.at(-1)?.tag ?? 0, multiple: true })
      }
      note('all in order', found.join() === bodies.join())
      await client.closeChannel({ channel: 'b' })
      note('left', await client.declareQueue({ channel: 'a', queue: name, passive: true }))
    },
  },
  {
    name: 'many channels of one connection work beside each other',
    run: async ({ client, name, note }) => {
      const counts: number[] = []
      for (let number = 1; number <= 50; number++) {
        const on = { channel: `a.${number}`, queue: `${name}-${number}` }
        await client.declareQueue({ ...on, exclusive: true })
        await client.consume({ ...on, tag: 'same', noAck: true })
      }
      for (let number = 1; number <= 50; number++) {
        const key = `${name}-${51 - number}`
        await client.publish({ channel: `a.${number}`, key, bodies: [key] })
      }
      for (let number = 1; number <= 50; number++) {
        const [one] = await client.deliveries({ channel: `a.${number}`, count: 1 })
        if (one?.body === `${name}-${number}`) counts.push(number)
      }
      note('each got its own', counts.length)
    },
  },
  {
    name: 'an error of one channel leaves the others alone',
    run: async ({ client, name, note, refused }) => {
      await client.declareQueue({ channel: 'a.1', queue: name })
      await client.consume({ channel: 'a.1', queue: name, tag: 'c' })
      await refused('error', () =>
        client.declareQueue({ channel: 'a.2', queue: `${name}-none`, passive: true }),
      )
      await client.publish({ channel: 'a.3', key: name, bodies: ['still here'] })
      note('delivered', bodiesOf(await client.deliveries({ channel: 'a.1', count: 1 })))
    },
  },
  {
    name: 'a consumer is told when its queue expires or is deleted by another',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name, autoDelete: true })
      await client.consume({ channel: 'a', queue: name, tag: 'one' })
      await client.consume({ channel: 'b', queue: name, tag: 'two' })
      await client.deleteQueue({ channel: 'c', queue: name })
      note('one', await client.cancelled({ channel: 'a' }))
      note('two', await client.cancelled({ channel: 'b' }))
    },
  },
  {
    name: 'a get leaves alone what consumers have',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: numbered(3) })
      await client.qos({ channel: 'b', count: 2 })
      await client.consume({ channel: 'b', queue: name, tag: 'c' })
      note('consumer', bodiesOf(await client.deliveries({ channel: 'b', count: 2 })))
      const got = await client.get({ channel: 'a', queue: name })
      note('get', got && seen(got))
      note('no more', await client.get({ channel: 'a', queue: name }))
      await client.nack({ channel: 'b', tag: 1, requeue: true })
      note('again', (await client.deliveries({ channel: 'b', count: 1 })).map(seen))
    },
  },
  {
    name: 'what is rejected without a dead letter exchange is gone',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      await client.publish({ channel: 'a', key: name, bodies: numbered(2) })
      await client.consume({ channel: 'a', queue: name, tag: 'c' })
      await client.deliveries({ channel: 'a', count: 2 })
      await client.nack({ channel: 'a', tag: 2, multiple: true, requeue: false })
      await client.closeChannel({ channel: 'a' })
      note('left', await client.declareQueue({ channel: 'b', queue: name, passive: true }))
    },
  },
  {
    name: 'a dead letter exchange that is not there drops what dies',
    run: async ({ client, name, note }) => {
      const table = { 'x-dead-letter-exchange': `${name}-none` }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: ['x'] })
      const got = await client.get({ channel: 'a', queue: name })
      await client.nack({ channel: 'a', tag: got?.tag ?? 0, requeue: false })
      note('left', await client.declareQueue({ channel: 'a', queue: name, passive: true }))
    },
  },
]

async function stream(client: Operations, name: string): Promise<void> {
  const table = { 'x-queue-type': 'stream' }
  await client.declareQueue({ channel: 'a', queue: name, arguments: table })
  await client.confirmSelect({ channel: 'a' })
  await client.publish({ channel: 'a', key: name, bodies: numbered(4) })
}

const types: readonly Scenario[] = [
  {
    name: 'a quorum queue gives back in order and says how often it was delivered',
    differs: {
      because: 'since RabbitMQ 4.3 a basic.nack is no failed delivery, only one more hand-out',
      notes: recorded => ({
        again: (recorded['again'] as [string, boolean, object][]).map(([body, redelivered]) => [
          body,
          redelivered,
          { 'x-acquired-count': 1 },
        ]),
      }),
    },
    run: async ({ client, name, note }) => {
      const table = { 'x-queue-type': 'quorum' }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: numbered(3) })
      await client.qos({ channel: 'b', count: 10 })
      await client.consume({ channel: 'b', queue: name, tag: 'c' })
      const headed = (message: Message): unknown[] => [...seen(message), message.properties.headers]
      note('first', (await client.deliveries({ channel: 'b', count: 3 })).map(headed))
      await client.nack({ channel: 'b', tag: 3, multiple: true, requeue: true })
      const again = await client.deliveries({ channel: 'b', count: 3 })
      note('again', again.map(headed))
    },
  },
  {
    name: 'a stream is read from its end, from a time and with credit',
    differs: {
      because:
        'RabbitMQ hands out whole chunks, as many messages as came at once, and 3.10 fails over ' +
        'an offset that it cannot read',
      notes: () => ({
        'without credit': [],
        'with credit': ['m4'],
        nonsense:
          "406 PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue '{name}' in vhost " +
          `'/': {invalid_stream_offset_arg,{longstr,<<"whenever">>}}`,
      }),
    },
    run: async ({ client, name, note, refused }) => {
      await stream(client, name)
      const consume = async (channel: string, offset: unknown): Promise<void> => {
        await client.qos({ channel, count: 3 })
        const args = { 'x-stream-offset': offset }
        await client.consume({ channel, queue: name, tag: 'c', arguments: args })
      }
      await consume('interval', '1h')
      note('an hour back', bodiesOf(await client.deliveries({ channel: 'interval', count: 3 })))
      const more = { channel: 'interval', count: 1, waitMs: 100 }
      note('without credit', bodiesOf(await client.deliveries(more)))
      await client.ack({ channel: 'interval', tag: 3, multiple: true })
      note('with credit', bodiesOf(await client.deliveries({ channel: 'interval', count: 1 })))
      await consume('far', 100)
      await client.publish({ channel: 'a', key: name, bodies: ['m5'] })
      note(
        'beyond the end',
        (await client.deliveries({ channel: 'far', count: 1, waitMs: 200 })).length,
      )
      await refused('nonsense', () => consume('nonsense', 'whenever'))
      await client.qos({ channel: 'plain', count: 3 })
      await client.consume({ channel: 'plain', queue: name, tag: 'c' })
      await client.publish({ channel: 'a', key: name, bodies: ['m6'] })
      const [next] = await client.deliveries({ channel: 'plain', count: 1 })
      note('without an offset', next?.body)
    },
  },
  {
    name: 'a queue with priorities keeps the order within each of them',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name, arguments: { 'x-max-priority': 3 } })
      await client.confirmSelect({ channel: 'a' })
      for (let number = 0; number < 12; number++) {
        const properties = { priority: number % 4, deliveryMode: 2 }
        await client.publish({ channel: 'a', key: name, bodies: [`m${number}`], properties })
      }
      await client.qos({ channel: 'b', count: 5 })
      await client.consume({ channel: 'b', queue: name, tag: 'c' })
      const first = await client.deliveries({ channel: 'b', count: 5 })
      note('first', bodiesOf(first))
      await client.nack({ channel: 'b', tag: 5, multiple: true, requeue: true })
      const rest: Message[] = []
      while (rest.length < 12) {
        const some = await client.deliveries({ channel: 'b', count: 1 })
        if (some.length === 0) break
        rest.push(...some)
        await client.ack({ channel: 'b', tag: some[0]?.tag ?? 0 })
      }
      note('again', rest.map(seen))
    },
  },
  {
    name: 'a queue with one active consumer refuses a get and passes on what was out',
    run: async ({ client, name, note, refused }) => {
      const table = { 'x-single-active-consumer': true }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: numbered(2) })
      await client.consume({ channel: 'b', queue: name, tag: 'one' })
      await client.consume({ channel: 'c', queue: name, tag: 'two' })
      note('one', (await client.deliveries({ channel: 'b', count: 2 })).map(seen))
      await client.cancel({ channel: 'b', tag: 'one' })
      note('two waits', await client.deliveries({ channel: 'c', count: 1, waitMs: 100 }))
      await client.closeChannel({ channel: 'b' })
      note('two', (await client.deliveries({ channel: 'c', count: 2 })).map(seen))
      await refused('exclusive', () =>
        client.consume({ channel: 'd', queue: name, tag: 'three', exclusive: true }),
      )
    },
  },
]

const transactions: readonly Scenario[] = [
  {
    name: 'a transaction returns what is unroutable when it is committed',
    run: async ({ client, name, note }) => {
      await client.txSelect({ channel: 'a' })
      const lost = { channel: 'a', key: `${name}-none`, bodies: ['lost'], mandatory: true }
      await client.publish(lost)
      note('before', await client.returned({ channel: 'a', count: 1, waitMs: 50 }))
      await client.txCommit({ channel: 'a' })
      note('after', bodiesOf(await client.returned({ channel: 'a', count: 1 })))
    },
  },
  {
    name: 'a rejection in a transaction makes a dead letter when it is committed',
    run: async ({ client, name, note }) => {
      const dead = `${name}-dead`
      await client.declareQueue({ channel: 'a', queue: dead })
      const table = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': dead }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.publish({ channel: 'a', key: name, bodies: ['x'] })
      await client.txSelect({ channel: 'b' })
      await eventually(async () => (await client.get({ channel: 'b', queue: name })) !== null)
      await client.reject({ channel: 'b', tag: 1, requeue: false })
      note('before', await client.get({ channel: 'a', queue: dead }))
      await client.txCommit({ channel: 'b' })
      await eventually(async () => {
        const on = { channel: 'a', queue: dead, passive: true }
        return (await client.declareQueue(on)).messages === 1
      })
      note('after', (await client.get({ channel: 'a', queue: dead }))?.body)
    },
  },
]

export const edgeScenarios: readonly Scenario[] = [...deliveries, ...types, ...transactions]
