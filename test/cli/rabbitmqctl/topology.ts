import { type ChannelModel, connect } from 'amqplib'

/** Queues, exchanges, bindings, messages and a consumer, for lists to show. */
export async function declareTopology(url: string): Promise<ChannelModel> {
  const connection = await connect(url)
  connection.on('error', () => {}) // Commands close it.
  const channel = await connection.createConfirmChannel()
  channel.on('error', () => {})
  await channel.assertQueue('orders')
  const work = { 'x-max-length': 10, 'x-dead-letter-exchange': 'logs', 'x-overflow': 'drop-head' }
  await channel.assertQueue('ttl-work', { arguments: work })
  await channel.assertQueue('temp', { durable: false, autoDelete: true })
  await channel.assertQueue('single', { arguments: { 'x-single-active-consumer': true } })
  await channel.assertQueue('mine', { exclusive: true })
  await channel.assertExchange('logs', 'fanout')
  await channel.assertExchange('keyed', 'topic', { durable: false, alternateExchange: 'logs' })
  await channel.bindQueue('orders', 'keyed', 'a.*')
  await channel.bindQueue('orders', 'amq.headers', '', { 'x-match': 'all', colour: 'blue' })
  await channel.bindExchange('logs', 'keyed', 'b.#')
  for (const text of ['one', 'two', 'three'])
    channel.sendToQueue('orders', Buffer.from(text), { persistent: true })
  channel.sendToQueue('temp', Buffer.from('four'))
  await channel.waitForConfirms()
  await channel.get('orders')
  await channel.prefetch(7)
  await channel.consume('ttl-work', () => {}, { consumerTag: 'worker', priority: 3 })
  await channel.prefetch(0)
  await channel.consume('single', () => {}, { consumerTag: 'alone', noAck: true })
  await channel.consume('single', () => {}, { consumerTag: 'waits' })
  return connection
}
