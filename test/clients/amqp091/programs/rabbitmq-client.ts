import { Connection, ConsumerStatus } from 'rabbitmq-client'
import { Inbox } from '../drivers/inbox.ts'
import type { Program } from './program.ts'

/** The parts of rabbitmq-client that its manual recommends: they connect, declare and retry. */
export const rabbitmqClientProgram: Program = {
  name: 'rabbitmq-client in full',
  prepare: async () => {},
  run: async (address, note) => {
    const [hostname = '', port] = address.split(':')
    const rabbit = new Connection({ hostname, port: Number(port), heartbeat: 1, noDelay: true })
    const seen = new Inbox<unknown>()
    const tried = new Map<unknown, number>()
    const consumer = rabbit.createConsumer(
      {
        queue: 'user-events',
        queueOptions: { durable: true, arguments: { 'x-max-priority': 4 } },
        qos: { prefetchCount: 2 },
        exchanges: [{ exchange: 'my-events', type: 'topic' }],
        queueBindings: [{ exchange: 'my-events', routingKey: 'users.*' }],
        concurrency: 2,
      },
      async message => {
        const count = (tried.get(message.body.id) ?? 0) + 1
        tried.set(message.body.id, count)
        if (message.body.id === 2 && count < 3) return ConsumerStatus.REQUEUE
        if (message.body.id === 3) return ConsumerStatus.DROP
        seen.put([message.body, message.routingKey, message.redelivered])
        return ConsumerStatus.ACK
      },
    )
    consumer.on('error', () => {})
    await new Promise(resolve => consumer.once('ready', resolve))
    const publisher = rabbit.createPublisher({
      confirm: true,
      maxAttempts: 2,
      exchanges: [{ exchange: 'my-events', type: 'topic' }],
    })
    const returned = new Inbox<unknown>()
    publisher.on('basic.return', message => returned.put([message.replyText, message.routingKey]))
    for (const id of [1, 2, 3, 4]) {
      await publisher.send({ exchange: 'my-events', routingKey: 'users.visit' }, { id })
    }
    note('seen', (await seen.take(3)).map(item => JSON.stringify(item)).sort())
    note(
      'tried',
      [...tried].sort(([one], [other]) => Number(one) - Number(other)),
    )
    const lost = { exchange: 'my-events', routingKey: 'nobody.listens', mandatory: true }
    await publisher.send(lost, 'lost')
    note('returned', await returned.take(1))
    const server = rabbit.createConsumer(
      { queue: 'my-rpc-queue', queueOptions: { exclusive: true } },
      async (request, reply) => {
        await reply(`${request.body} ${'!'.repeat(3)}`)
      },
    )
    await new Promise(resolve => server.once('ready', resolve))
    const rpc = rabbit.createRPCClient({ confirm: true })
    const answers = await Promise.all(['ping', 'pong'].map(word => rpc.send('my-rpc-queue', word)))
    note(
      'answers',
      answers.map(({ body }) => body),
    )
    // Longer than two heartbeats: who forgets to send them is gone by now.
    await new Promise(resolve => setTimeout(resolve, 3000))
    const late = await rpc.send('my-rpc-queue', 'still there')
    note('after a rest', late.body)
    for (const part of [publisher, consumer, server, rpc]) await part.close()
    note('deleted', (await rabbit.queueDelete('user-events')).messageCount)
    await rabbit.close()
  },
}
