import type { Message, Operations, Table } from '../driver.ts'
import { bodiesOf, eventually, numbered, type Notes, type Scenario } from '../stage.ts'

/** A queue whose dead letters go to a queue `name-dead` by way of a fanout exchange. */
async function withDeadLetters(
  client: Operations,
  name: string,
  table: Table,
  properties: object = {},
): Promise<string> {
  const dead = `${name}-dead`
  await client.declareExchange({ channel: 'a', exchange: dead, type: 'fanout' })
  await client.declareQueue({ channel: 'a', queue: dead })
  await client.bindQueue({ channel: 'a', queue: dead, exchange: dead })
  const all = { 'x-dead-letter-exchange': dead, ...table }
  await client.declareQueue({ channel: 'a', queue: name, arguments: all, ...properties })
  await client.confirmSelect({ channel: 'a' })
  return dead
}

/** The next message of a queue, as soon as there is one. */
async function next(client: Operations, queue: string): Promise<Message | null> {
  let got: Message | null = null
  await eventually(async () => {
    got = await client.get({ channel: 'a', queue, noAck: true })
    return got !== null
  })
  return got
}

const waiting = async (client: Operations, queue: string): Promise<number> =>
  (await client.declareQueue({ channel: 'a', queue, passive: true })).messages

const deadLetters: readonly Scenario[] = [
  {
    name: 'a rejected message goes to the dead letter exchange with its history',
    run: async ({ client, name, note }) => {
      const dead = await withDeadLetters(client, name, {})
      const properties = { messageId: 'm', headers: { mine: 1 }, expiration: '60000' }
      await client.publish({ channel: 'a', key: name, bodies: ['bad'], properties })
      await client.get({ channel: 'a', queue: name })
      await client.reject({ channel: 'a', tag: 1, requeue: false })
      note('dead', await next(client, dead))
    },
  },
  {
    name: 'a nacked message gets the dead letter routing key, and CC goes with it',
    differs: {
      because: 'since RabbitMQ 4.0 the CC header stays in a dead letter',
      notes: recorded => {
        const dead = recorded['dead'] as Message
        const headers = { ...dead.properties.headers, CC: ['{name}-copy'] }
        return { dead: { ...dead, properties: { ...dead.properties, headers } } }
      },
    },
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: `${name}-dead` })
      const table = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': `${name}-dead` }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      const properties = { headers: { CC: [`${name}-copy`], BCC: [`${name}-blind`] } }
      await client.publish({ channel: 'a', key: name, bodies: ['bad'], properties })
      await next(client, `${name}`)
      await client.publish({ channel: 'a', key: name, bodies: ['bad'], properties })
      await client.consume({ channel: 'a', queue: name, tag: 'c' })
      const [bad] = await client.deliveries({ channel: 'a', count: 1 })
      await client.nack({ channel: 'a', tag: bad?.tag ?? 0, requeue: false })
      note('dead', await next(client, `${name}-dead`))
    },
  },
  {
    name: 'every further death is counted, per queue and reason',
    run: async ({ client, name, note }) => {
      const back = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': name }
      const retry = { ...back, 'x-message-ttl': 30 }
      await client.declareQueue({ channel: 'a', queue: `${name}-retry`, arguments: retry })
      const table = {
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': `${name}-retry`,
      }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.publish({ channel: 'a', key: name, bodies: ['again and again'] })
      await client.consume({ channel: 'a', queue: name, tag: 'c' })
      for (const round of [1, 2, 3]) {
        const [got] = await client.deliveries({ channel: 'a', count: 1 })
        note(`round ${round}`, { ...got, tag: undefined })
        await client.reject({ channel: 'a', tag: got?.tag ?? 0, requeue: false })
      }
    },
  },
  {
    name: 'a message that would only go round in a circle of expiries is dropped',
    run: async ({ client, name, note }) => {
      const circle = {
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': name,
        'x-message-ttl': 10,
      }
      await client.declareQueue({ channel: 'a', queue: name, arguments: circle })
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: ['round'] })
      await eventually(async () => (await waiting(client, name)) === 0)
      note('dropped', await client.get({ channel: 'a', queue: name }))
    },
  },
  {
    name: 'messages expire by the TTL of their queue or their own, whichever is less',
    run: async ({ client, name, note }) => {
      const dead = await withDeadLetters(client, name, { 'x-message-ttl': 50 })
      await client.publish({ channel: 'a', key: name, bodies: ['by the queue'] })
      note('by the queue', await next(client, dead))
      const own = { channel: 'a', key: name, properties: { expiration: '20' } }
      await client.publish({ ...own, bodies: ['its own'] })
      note('its own', await next(client, dead))
      const long = { channel: 'a', key: name, properties: { expiration: '100000' } }
      await client.publish({ ...long, bodies: ['longer'] })
      note('longer', await next(client, dead))
    },
  },
  {
    name: 'a TTL of 0 passes only to a consumer that waits',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      await client.confirmSelect({ channel: 'a' })
      const publish = { channel: 'a', key: name, properties: { expiration: '0' } }
      await client.publish({ ...publish, bodies: ['nobody'] })
      note('nobody', await client.get({ channel: 'a', queue: name }))
      await client.consume({ channel: 'a', queue: name, tag: 'c', noAck: true })
      await client.publish({ ...publish, bodies: ['somebody'] })
      note('somebody', bodiesOf(await client.deliveries({ channel: 'a', count: 1 })))
    },
  },
]

/** Confirmed when they are durable; RabbitMQ and Sabir confirm others when they arrive. */
const properties = { deliveryMode: 2 }

const lengths: readonly Scenario[] = [
  {
    name: 'a full queue drops its head, which is a dead letter',
    run: async ({ client, name, note }) => {
      const dead = await withDeadLetters(client, name, { 'x-max-length': 2 })
      note(
        'confirmed',
        await client.publish({ channel: 'a', key: name, bodies: numbered(4), properties }),
      )
      note('left', await waiting(client, name))
      note('first dead', await next(client, dead))
      note('second dead', (await next(client, dead))?.body)
    },
  },
  {
    name: 'a full queue that rejects says so to a publisher with confirms',
    run: async ({ client, name, note }) => {
      const table = { 'x-max-length': 2, 'x-overflow': 'reject-publish' }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.confirmSelect({ channel: 'a' })
      const confirmed = []
      for (const body of numbered(4)) {
        confirmed.push(
          ...(await client.publish({ channel: 'a', key: name, bodies: [body], properties })),
        )
      }
      note('confirmed', confirmed)
      note('left', await waiting(client, name))
      await client.get({ channel: 'a', queue: name, noAck: true })
      note(
        'room again',
        await client.publish({ channel: 'a', key: name, bodies: ['m5'], properties }),
      )
    },
  },
  {
    name: 'a full queue can make dead letters of what it rejects',
    run: async ({ client, name, note }) => {
      const table = { 'x-max-length': 1, 'x-overflow': 'reject-publish-dlx' }
      const dead = await withDeadLetters(client, name, table)
      const confirmed = []
      for (const body of numbered(2)) {
        confirmed.push(
          ...(await client.publish({ channel: 'a', key: name, bodies: [body], properties })),
        )
      }
      note('confirmed', confirmed)
      note('dead', await next(client, dead))
      note('left', (await next(client, name))?.body)
    },
  },
  {
    name: 'the length in bytes counts bodies of waiting messages',
    run: async ({ client, name, note }) => {
      const table = { 'x-max-length-bytes': 10 }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.confirmSelect({ channel: 'a' })
      const bodies = ['12345', '67890', 'abc', 'much too long for it']
      for (const [index, body] of bodies.entries()) {
        await client.publish({ channel: 'a', key: name, bodies: [body], properties })
        note(`left after ${index + 1}`, await waiting(client, name))
      }
    },
  },
  {
    name: 'messages that are out do not count as length',
    run: async ({ client, name, note }) => {
      const table = { 'x-max-length': 1 }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: ['m1'], properties })
      await client.get({ channel: 'a', queue: name })
      await client.publish({ channel: 'a', key: name, bodies: ['m2'], properties })
      note('left', await waiting(client, name))
      await client.nack({ channel: 'a', tag: 1, requeue: true })
      note('which', (await next(client, name))?.body)
    },
  },
  {
    name: 'messages of a higher priority come first',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name, arguments: { 'x-max-priority': 5 } })
      await client.confirmSelect({ channel: 'a' })
      for (const priority of [0, 3, 1, 9, 5, 3, null]) {
        const body = `priority ${priority}`
        const ranked = priority === null ? properties : { ...properties, priority }
        await client.publish({ channel: 'a', key: name, bodies: [body], properties: ranked })
      }
      await client.consume({ channel: 'a', queue: name, tag: 'c', noAck: true })
      note('order', bodiesOf(await client.deliveries({ channel: 'a', count: 7 })))
    },
  },
]

/** Adds the count of 4.3 beside that of deliveries, which it equals when nobody uses basic.nack. */
function acquired(recorded: Notes, labels: readonly string[]): Notes {
  const changed = labels.map(label => {
    const [redelivered, headers] = recorded[label] as [boolean, Record<string, unknown>]
    return [label, [redelivered, { ...headers, 'x-acquired-count': headers['x-delivery-count'] }]]
  })
  return Object.fromEntries(changed) as Notes
}

const types: readonly Scenario[] = [
  {
    name: 'a quorum queue counts deliveries and gives up at its limit',
    differs: {
      because: 'RabbitMQ 4.3 also tells how often a message was handed out',
      notes: recorded => acquired(recorded, ['round 2', 'round 3']),
    },
    run: async ({ client, name, note }) => {
      const table = { 'x-queue-type': 'quorum', 'x-delivery-limit': 2 }
      const dead = await withDeadLetters(client, name, table)
      await client.publish({ channel: 'a', key: name, bodies: ['poison'] })
      await client.consume({ channel: 'a', queue: name, tag: 'c' })
      for (const round of [1, 2, 3]) {
        const [got] = await client.deliveries({ channel: 'a', count: 1 })
        note(`round ${round}`, [got?.redelivered, got?.properties.headers])
        await client.reject({ channel: 'a', tag: got?.tag ?? 0, requeue: true })
      }
      note('dead', await next(client, dead))
    },
  },
  {
    name: 'a stream is read again and again, from where the reader wants',
    differs: {
      because: 'RabbitMQ 4 words it so',
      notes: () => ({
        'without prefetch':
          '406 PRECONDITION_FAILED - consumer prefetch count is not set for stream queue ' +
          "'{name}' in vhost '/'",
      }),
    },
    run: async ({ client, name, note, refused }) => {
      const table = { 'x-queue-type': 'stream' }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: numbered(5) })
      const read = async (connection: string, offset: unknown, count: number): Promise<void> => {
        await client.qos({ channel: connection, count: 10 })
        const args = { 'x-stream-offset': offset }
        await client.consume({ channel: connection, queue: name, tag: 'c', arguments: args })
        const read = await client.deliveries({ channel: connection, count })
        note(
          `${connection} from ${JSON.stringify(offset)}`,
          read.map(({ body, properties, redelivered }) => [body, properties.headers, redelivered]),
        )
        await client.ack({ channel: connection, tag: count, multiple: true })
      }
      await read('once', 'first', 5)
      await read('again', 'first', 5)
      await read('number', 3, 2)
      await client.qos({ channel: 'next', count: 10 })
      const fromNext = { 'x-stream-offset': 'next' }
      await client.consume({ channel: 'next', queue: name, tag: 'c', arguments: fromNext })
      await client.publish({ channel: 'a', key: name, bodies: ['m6'] })
      note('from next', bodiesOf(await client.deliveries({ channel: 'next', count: 1 })))
      await refused('without prefetch', () =>
        client.consume({ channel: 'b', queue: name, tag: 'c' }),
      )
      await refused('get', () => client.get({ channel: 'b', queue: name }))
      await refused('purge', () => client.purgeQueue({ channel: 'b', queue: name }))
    },
  },
]

export const limitScenarios: readonly Scenario[] = [...deadLetters, ...lengths, ...types]
