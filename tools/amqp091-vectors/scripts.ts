import { type Channel, type ChannelModel, connect } from 'amqplib'

/** One conversation of amqplib with a broker: steps one after the other, each with its answer. */
export type Script = {
  readonly name: string
  readonly about: string
  run(url: string): Promise<void>
}

const script = (
  name: string,
  about: string,
  steps: (connection: ChannelModel) => Promise<void>,
): Script => ({
  name,
  about: `amqplib 2.3.1 and RabbitMQ 3.10.8: ${about}`,
  run: async url => {
    const connection = await connect(url, { clientProperties: { connection_name: 'recorder' } })
    connection.on('error', () => {}) // Some scripts are about errors.
    await steps(connection)
    await connection.close().catch(() => {}) // Unless the broker did.
  },
})

/** A channel of its own, since it does not survive. */
async function refused(
  connection: ChannelModel,
  ask: (channel: Channel) => Promise<unknown>,
): Promise<void> {
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  const closed = new Promise(resolve => channel.on('close', resolve))
  await ask(channel).catch(() => {})
  await closed
}

export const scripts: readonly Script[] = [
  script('declare', 'exchanges, queues and bindings', async connection => {
    const channel = await connection.createChannel()
    await channel.assertExchange('v-topic', 'topic', { durable: true })
    await channel.assertExchange('v-headers', 'headers', {
      durable: false,
      autoDelete: true,
      arguments: { 'alternate-exchange': 'v-topic' },
    })
    await channel.checkExchange('v-topic')
    await channel.assertQueue('v-queue', {
      durable: true,
      messageTtl: 60_000,
      expires: 600_000,
      maxLength: 10,
      maxPriority: 5,
      deadLetterExchange: 'v-topic',
      deadLetterRoutingKey: 'dead',
      arguments: { 'x-overflow': 'reject-publish', 'x-single-active-consumer': true },
    })
    await channel.checkQueue('v-queue')
    await channel.bindQueue('v-queue', 'v-topic', 'a.*.#')
    await channel.bindQueue('v-queue', 'v-headers', '', { 'x-match': 'any', kind: 'x', size: 7 })
    await channel.bindExchange('v-headers', 'v-topic', 'headers.#')
    await channel.unbindExchange('v-headers', 'v-topic', 'headers.#')
    await channel.unbindQueue('v-queue', 'v-topic', 'a.*.#')
    await channel.purgeQueue('v-queue')
    await channel.deleteExchange('v-headers')
    await channel.deleteQueue('v-queue', { ifUnused: true, ifEmpty: true })
    await channel.deleteQueue('v-queue')
    await channel.deleteExchange('v-topic', { ifUnused: true })
    await channel.close()
  }),
  script('messages', 'publish, get, consume, settle', async connection => {
    const channel = await connection.createConfirmChannel()
    await channel.assertQueue('v-messages', { durable: true })
    channel.sendToQueue('v-messages', Buffer.from('hello'), {
      persistent: true,
      contentType: 'text/plain',
      contentEncoding: 'utf-8',
      headers: { text: 'x', number: 7, large: 2 ** 40, list: [1, 'two'], yes: true, none: null },
      priority: 1,
      correlationId: 'c',
      replyTo: 'r',
      expiration: '60000',
      messageId: 'm',
      timestamp: 1_700_000_000,
      type: 't',
      userId: 'guest',
      appId: 'a',
    })
    await channel.waitForConfirms()
    const first = await channel.get('v-messages')
    if (first !== false) channel.nack(first, false, true)
    await channel.prefetch(1)
    const delivered = new Promise<void>(resolve => {
      void channel.consume(
        'v-messages',
        message => {
          if (message !== null) channel.ack(message)
          resolve()
        },
        { consumerTag: 'v-consumer', priority: 2 },
      )
    })
    await delivered
    await channel.cancel('v-consumer')
    await channel.get('v-messages', { noAck: true })
    channel.publish('', 'v-nowhere', Buffer.from('lost'), { mandatory: true })
    await channel.waitForConfirms()
    await channel.deleteQueue('v-messages')
    await channel.close()
  }),
  script('refusals', 'what closes a channel', async connection => {
    const channel = await connection.createChannel()
    await channel.assertQueue('v-there', { durable: false, exclusive: true })
    await refused(connection, other => other.checkQueue('v-none'))
    await refused(connection, other => other.checkExchange('v-none'))
    await refused(connection, other => other.assertQueue('v-there', { durable: true }))
    await refused(connection, other =>
      other.assertQueue('v-there', { exclusive: true, durable: false, maxLength: 3 }),
    )
    await refused(connection, other => other.assertQueue('amq.mine'))
    await refused(connection, other => other.assertExchange('amq.topic', 'fanout'))
    await refused(connection, other => other.deleteExchange('amq.topic'))
    await refused(connection, other => other.bindQueue('v-there', 'v-none', ''))
    await refused(connection, other => other.bindQueue('v-there', '', 'k'))
    await refused(connection, other => other.assertQueue('v-bad', { messageTtl: -1 }))
    await refused(connection, other =>
      other.assertQueue('v-bad', { arguments: { 'x-queue-type': 'magic' } }),
    )
    await refused(connection, async other => {
      other.ack({ fields: { deliveryTag: 7 } } as never)
    })
    await channel.close()
  }),
  script('unknown-exchange-type', 'what closes the connection', async connection => {
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    const closed = new Promise(resolve => connection.on('close', resolve))
    await channel.assertExchange('v-magic', 'magic').catch(() => {})
    await closed
  }),
]
