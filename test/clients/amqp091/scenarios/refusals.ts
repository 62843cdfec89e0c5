import type { Table } from '../driver.ts'
import type { Scenario } from '../stage.ts'

/** Argument by argument: what a queue was declared with, and what is asked for the second time. */
const inequivalent: readonly (readonly [what: string, was: object, asked: object])[] = [
  ['durable', { durable: true }, { durable: false }],
  ['auto-delete', { autoDelete: false }, { autoDelete: true }],
  ['exclusive', { exclusive: false }, { exclusive: true }],
  ...(
    [
      ['x-message-ttl', 1000, 2000],
      ['x-expires', 100_000, 200_000],
      ['x-max-length', 10, 20],
      ['x-max-length-bytes', 10, 20],
      ['x-max-priority', 5, 6],
      ['x-dead-letter-exchange', 'one', 'two'],
      ['x-overflow', 'drop-head', 'reject-publish'],
      ['x-single-active-consumer', true, false],
      ['x-queue-type', 'classic', 'quorum'],
      ['x-queue-mode', 'default', 'lazy'],
    ] as const
  ).flatMap(([argument, was, asked]) => [
    [
      `${argument}, another value`,
      tabled({ [argument]: was }),
      tabled({ [argument]: asked }),
    ] as const,
    [`${argument}, none any more`, tabled({ [argument]: was }), tabled({})] as const,
    [`${argument}, none before`, tabled({}), tabled({ [argument]: asked })] as const,
  ]),
  ['an unknown argument', tabled({ 'x-mine': 1 }), tabled({ 'x-mine': 2 })],
  ['the same', tabled({ 'x-max-length': 10 }), tabled({ 'x-max-length': 10 })],
]

function tabled(table: Table): { arguments: Table } {
  // Without an exchange a routing key is refused for itself, so there is always one.
  return { arguments: table }
}

/** Arguments that a queue cannot have. */
const invalid: readonly Table[] = [
  { 'x-message-ttl': -1 },
  { 'x-message-ttl': 'soon' },
  { 'x-message-ttl': 315_360_000_001 },
  { 'x-expires': 0 },
  { 'x-expires': 'soon' },
  { 'x-max-length': -1 },
  { 'x-max-length': 'long' },
  { 'x-max-length-bytes': -1 },
  { 'x-max-priority': -1 },
  { 'x-max-priority': 256 },
  { 'x-max-priority': 'high' },
  { 'x-dead-letter-exchange': 1 },
  { 'x-dead-letter-routing-key': 'without an exchange' },
  { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 1 },
  { 'x-overflow': 'spill' },
  { 'x-overflow': 1 },
  { 'x-queue-mode': 'eager' },
  { 'x-queue-type': 'unknown' },
  { 'x-queue-type': 1 },
  { 'x-single-active-consumer': 'yes' },
  { 'x-queue-version': 3 },
  { 'x-queue-type': 'quorum', 'x-max-priority': 5 },
  { 'x-queue-type': 'quorum', 'x-delivery-limit': -1 },
  { 'x-queue-type': 'quorum', 'x-overflow': 'reject-publish-dlx' },
  { 'x-queue-type': 'stream', 'x-max-age': 'old' },
  { 'x-queue-type': 'stream', 'x-max-length': 1 },
  { 'x-max-age': '1h' },
  { 'x-delivery-limit': 3 },
]

const queues: readonly Scenario[] = [
  {
    name: 'a queue is not declared again with other arguments',
    run: async ({ client, name, refused }) => {
      for (const [index, [what, was, asked]] of inequivalent.entries()) {
        const queue = `${name}-${index}`
        await client.declareQueue({ channel: 'a', queue, ...was })
        await refused(what, () => client.declareQueue({ channel: 'a', queue, ...asked }))
        await client.deleteQueue({ channel: 'a', queue })
      }
    },
  },
  {
    name: 'a queue is not declared with arguments that make no sense',
    differs: {
      because:
        'every type of queue has a delivery limit, and an age that cannot be read is no reason ' +
        'to fail as RabbitMQ 3.10 does',
      notes: () => ({
        '{"x-delivery-limit":3}': 'done',
        '{"x-queue-type":"stream","x-max-age":"old"}':
          "406 PRECONDITION_FAILED - invalid arg 'x-max-age' for queue '{name}-24' in vhost " +
          "'/': invalid_max_age",
      }),
    },
    run: async ({ client, name, refused }) => {
      for (const [index, table] of invalid.entries()) {
        const queue = `${name}-${index}`
        await refused(JSON.stringify(table), () =>
          client.declareQueue({ channel: 'a', queue, arguments: table }),
        )
      }
    },
  },
  {
    name: 'quorum queues and streams refuse what they cannot be',
    differs: {
      because: 'a prefetch for the whole channel works with every type of queue',
      notes: () => ({ 'global prefetch': 'done' }),
    },
    run: async ({ client, name, refused }) => {
      for (const type of ['quorum', 'stream']) {
        for (const properties of [{ durable: false }, { exclusive: true }, { autoDelete: true }]) {
          const label = `${type} ${JSON.stringify(properties)}`
          const queue = `${name}-${type}-${Object.keys(properties)[0]}`
          const table = { 'x-queue-type': type }
          await refused(label, () =>
            client.declareQueue({ channel: 'a', queue, arguments: table, ...properties }),
          )
        }
      }
      const table = { 'x-queue-type': 'quorum' }
      await client.declareQueue({ channel: 'a', queue: name, arguments: table })
      await client.qos({ channel: 'a', count: 5, global: true })
      await refused('global prefetch', () =>
        client.consume({ channel: 'a', queue: name, tag: 'c' }),
      )
    },
  },
  {
    name: 'what is not there is not found',
    run: async ({ client, name, note, refused }) => {
      const on = { channel: 'a', queue: name }
      await refused('passive queue', () => client.declareQueue({ ...on, passive: true }))
      await refused('consume', () => client.consume({ ...on, tag: 'c' }))
      await refused('get', () => client.get(on))
      await refused('purge', () => client.purgeQueue(on))
      await refused('delete', () => client.deleteQueue(on))
      await refused('bind no queue', () =>
        client.bindQueue({ ...on, exchange: 'amq.direct', key: 'k' }),
      )
      await client.declareQueue({ channel: 'a', queue: `${name}-there` })
      const there = { channel: 'a', queue: `${name}-there` }
      await refused('bind no exchange', () => client.bindQueue({ ...there, exchange: name }))
      await refused('unbind no exchange', () => client.unbindQueue({ ...there, exchange: name }))
      await refused('passive exchange', () =>
        client.declareExchange({ channel: 'a', exchange: name, type: 'direct', passive: true }),
      )
      await refused('bind exchanges', () =>
        client.bindExchange({ channel: 'a', destination: name, source: 'amq.direct' }),
      )
      await client.publish({ channel: 'a', exchange: name, key: 'k', bodies: ['x'] })
      note('publish', await client.closed({ channel: 'a' }))
      await client.declareQueue({ channel: 'a', queue: `${name}-later` })
    },
  },
  {
    name: 'reserved names are refused',
    run: async ({ client, refused }) => {
      await refused('queue', () => client.declareQueue({ channel: 'a', queue: 'amq.mine' }))
      const exchange = { channel: 'a', exchange: 'amq.mine', type: 'direct' }
      await refused('exchange', () => client.declareExchange(exchange))
      await refused('delete a standard exchange', () =>
        client.deleteExchange({ channel: 'a', exchange: 'amq.direct' }),
      )
      await refused('the default exchange', () =>
        client.declareExchange({ channel: 'a', exchange: '', type: 'direct' }),
      )
      await refused('the standard exchange', () =>
        client.declareExchange({ channel: 'a', exchange: 'amq.topic', type: 'topic' }),
      )
      await refused('the standard exchange otherwise', () =>
        client.declareExchange({ channel: 'a', exchange: 'amq.topic', type: 'fanout' }),
      )
    },
  },
]

const others: readonly Scenario[] = [
  {
    name: 'an exchange is not declared again otherwise',
    run: async ({ client, name, refused }) => {
      const on = { channel: 'a', exchange: name, type: 'direct' }
      const table = { 'alternate-exchange': 'other' }
      await client.declareExchange(on)
      await refused('type', () => client.declareExchange({ ...on, type: 'fanout' }))
      await refused('durable', () => client.declareExchange({ ...on, durable: false }))
      await refused('auto-delete', () => client.declareExchange({ ...on, autoDelete: true }))
      await refused('internal', () => client.declareExchange({ ...on, internal: true }))
      await refused('alternate', () => client.declareExchange({ ...on, arguments: table }))
      await refused('unknown argument', () =>
        client.declareExchange({ ...on, arguments: { mine: 1 } }),
      )
      await refused('the same', () => client.declareExchange(on))
    },
  },
  {
    name: 'an exchange of an unknown type closes the connection',
    run: async ({ client, name, refused, note }) => {
      await refused('type', () =>
        client.declareExchange({ channel: 'a', exchange: name, type: 'x-unknown' }),
      )
      note(
        'anew',
        (await client.declareQueue({ channel: 'a', queue: '', exclusive: true })).messages,
      )
    },
  },
  {
    name: 'an internal exchange takes messages from exchanges alone',
    run: async ({ client, name, note }) => {
      const internal = { channel: 'a', exchange: name, type: 'fanout', internal: true }
      await client.declareExchange(internal)
      await client.publish({ channel: 'a', exchange: name, key: '', bodies: ['x'] })
      note('closed', await client.closed({ channel: 'a' }))
    },
  },
  {
    name: 'bindings that a kind of exchange cannot have are refused',
    run: async ({ client, name, refused }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      const headers = { channel: 'a', queue: name, exchange: 'amq.headers' }
      for (const match of ['some', 1]) {
        await refused(`x-match ${match}`, () =>
          client.bindQueue({ ...headers, arguments: { 'x-match': match } }),
        )
      }
      const hash = { channel: 'a', exchange: name, type: 'x-consistent-hash' }
      await client.declareExchange(hash)
      await refused('a weight that is no number', () =>
        client.bindQueue({ channel: 'a', queue: name, exchange: name, key: 'heavy' }),
      )
    },
  },
  {
    name: 'properties that make no sense are refused',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      for (const expiration of ['soon', '-1', '1.5', '']) {
        const publish = { channel: 'a', key: name, bodies: ['x'] }
        await client.publish({ ...publish, properties: { expiration } })
        if (expiration === '') continue
        note(`expiration "${expiration}"`, await client.closed({ channel: 'a' }))
      }
      const other = { channel: 'b', key: name, bodies: ['x'], properties: { userId: 'somebody' } }
      await client.publish(other)
      note('user', await client.closed({ channel: 'b' }))
      const wrong = { channel: 'c', key: name, bodies: ['x'], properties: { headers: { CC: 'x' } } }
      await client.publish(wrong)
      note('CC', await client.closed({ channel: 'c' }))
    },
  },
  {
    name: 'direct reply-to is refused without its consumer, with acknowledgements, and twice',
    except: { pika: 'it looks for a second consumer itself' },
    run: async ({ client, name, note, refused }) => {
      const replies = { queue: 'amq.rabbitmq.reply-to', tag: 'r' }
      await refused('acknowledged', () => client.consume({ channel: 'a', ...replies }))
      await client.consume({ channel: 'b', ...replies, noAck: true })
      await refused('twice', () => client.consume({ channel: 'b', ...replies, noAck: true }))
      const properties = { replyTo: 'amq.rabbitmq.reply-to' }
      await client.publish({ channel: 'c', key: name, bodies: ['x'], properties })
      note('without a consumer', await client.closed({ channel: 'c' }))
    },
  },
  {
    name: 'a consumer tag is taken once per channel',
    except: { pika: 'it counts tags itself' },
    run: async ({ client, name, refused, note }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      await client.consume({ channel: 'a', queue: name, tag: 'c' })
      await client.consume({ channel: 'a.2', queue: name, tag: 'c' })
      await refused('again', () => client.consume({ channel: 'a', queue: name, tag: 'c' }))
      note('anew', await client.declareQueue({ channel: 'a', queue: name, passive: true }))
    },
  },
  {
    name: 'nobody gets to an unknown virtual host',
    except: { amqplib: 'it hides the words' },
    run: async ({ client, refused }) => {
      await refused('virtual host', () => client.open({ connection: 'a', vhost: 'nowhere' }))
    },
  },
  {
    name: 'nobody gets in with a wrong password',
    run: async ({ client, refused }) => {
      const strange = { connection: 'a', user: 'nobody', password: 'secret' }
      await refused('user', () => client.open(strange))
      await refused('password', () => client.open({ connection: 'a', password: 'wrong' }))
    },
  },
  {
    name: 'a prefetch in bytes and an x-priority that is no number are refused',
    run: async ({ client, name, refused }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      const on = { channel: 'a', queue: name, tag: 'c' }
      for (const priority of ['high', true]) {
        await refused(`priority ${priority}`, () =>
          client.consume({ ...on, arguments: { 'x-priority': priority } }),
        )
      }
    },
  },
]

export const refusalScenarios: readonly Scenario[] = [...queues, ...others]
