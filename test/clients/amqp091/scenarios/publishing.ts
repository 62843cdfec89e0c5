import { bodiesOf, numbered, type Scenario } from '../stage.ts'
import type { Properties } from '../driver.ts'

const everyProperty: Properties = {
  contentType: 'text/plain',
  contentEncoding: 'utf-8',
  headers: { text: 'x', number: 7, big: 5_000_000_000, yes: true, nested: { deep: [1, 'two'] } },
  deliveryMode: 2,
  priority: 5,
  correlationId: 'correlation',
  replyTo: 'reply',
  expiration: '60000',
  messageId: 'message',
  timestamp: 1_700_000_000,
  type: 'kind',
  userId: 'guest',
  appId: 'application',
}

export const publishingScenarios: readonly Scenario[] = [
  {
    name: 'a broker tells what it can do',
    except: { 'rabbitmq-client': 'it does not show it' },
    run: async ({ client, note }) => {
      const { capabilities } = await client.open({ connection: 'a' })
      note('capabilities', capabilities)
    },
  },
  {
    name: 'a message goes through a queue with all its properties',
    run: async ({ client, name, note }) => {
      note('declared', await client.declareQueue({ channel: 'a', queue: name }))
      await client.publish({ channel: 'a', key: name, bodies: ['bare'] })
      await client.publish({
        channel: 'a',
        key: name,
        bodies: ['full'],
        properties: everyProperty,
      })
      await client.consume({ channel: 'a', queue: name, tag: 'c' })
      const [bare, full] = await client.deliveries({ channel: 'a', count: 2 })
      note('bare', { ...bare, properties: undefined })
      note('full', full)
      await client.ack({ channel: 'a', tag: full?.tag ?? 0, multiple: true })
      await client.cancel({ channel: 'a', tag: 'c' })
      note('deleted', await client.deleteQueue({ channel: 'a', queue: name }))
    },
  },
  {
    name: 'get hands out one message and the count of the others',
    run: async ({ client, name, note }) => {
      const on = { channel: 'a', queue: name }
      await client.declareQueue(on)
      note('empty', await client.get(on))
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: numbered(3) })
      const first = await client.get(on)
      note('first', first && { ...first, properties: {} })
      note('second', { ...(await client.get({ ...on, noAck: true })), properties: {} })
      await client.ack({ channel: 'a', tag: 1 })
      note('third', { ...(await client.get({ ...on, noAck: true })), properties: {} })
      note('then', await client.get(on))
    },
  },
  {
    name: 'a purge takes what waits and leaves what is out',
    run: async ({ client, name, note }) => {
      const on = { channel: 'a', queue: name }
      await client.declareQueue(on)
      await client.confirmSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: numbered(5) })
      await client.get(on)
      note('declared', await client.declareQueue({ ...on, passive: true }))
      note('purged', await client.purgeQueue(on))
      await client.nack({ channel: 'a', tag: 1, requeue: true })
      const back = await client.get(on)
      note('back', { ...back, properties: {} })
    },
  },
  {
    name: 'every publish is confirmed',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'a', queue: name })
      await client.confirmSelect({ channel: 'a' })
      note('routed', await client.publish({ channel: 'a', key: name, bodies: numbered(5) }))
      note('lost', await client.publish({ channel: 'a', key: `${name}-none`, bodies: ['x'] }))
      note(
        'there',
        (await client.declareQueue({ channel: 'a', queue: name, passive: true })).messages,
      )
    },
  },
  {
    name: 'a mandatory message that goes nowhere comes back before it is confirmed',
    run: async ({ client, name, note }) => {
      await client.confirmSelect({ channel: 'a' })
      const publish = { channel: 'a', bodies: ['lost'], mandatory: true }
      const confirmed = await client.publish({
        ...publish,
        key: `${name}-none`,
        properties: { messageId: 'm', headers: { a: 'b' } },
      })
      note('confirmed', confirmed)
      note('returned', await client.returned({ channel: 'a', count: 1, waitMs: 0 }))
      await client.publish({ ...publish, exchange: 'amq.fanout', key: 'k', bodies: ['gone'] })
      const [gone] = await client.returned({ channel: 'a', count: 1 })
      note('from an exchange', { ...gone, properties: {} })
    },
  },
  {
    name: 'messages of 1 MiB and of no bytes pass',
    run: async ({ client, name, note }) => {
      const on = { channel: 'a', queue: name }
      const big = 'sabir '.repeat(174_763)
      await client.declareQueue(on)
      await client.confirmSelect({ channel: 'a' })
      note('confirmed', await client.publish({ channel: 'a', key: name, bodies: [big, '', big] }))
      await client.consume({ ...on, tag: 'c', noAck: true })
      const read = await client.deliveries({ channel: 'a', count: 3 })
      note(
        'sizes',
        read.map(({ body }) => body.length),
      )
      note('same', read[0]?.body === big && read[2]?.body === big)
    },
  },
  {
    name: 'a transaction shows nothing before its commit',
    run: async ({ client, name, note }) => {
      const on = { channel: 'a', queue: name }
      const count = async (): Promise<number> =>
        (await client.declareQueue({ channel: 'b', queue: name, passive: true })).messages
      await client.declareQueue(on)
      await client.txSelect({ channel: 'a' })
      await client.publish({ channel: 'a', key: name, bodies: numbered(2) })
      note('before', await count())
      await client.txCommit({ channel: 'a' })
      note('committed', await count())
      await client.publish({ channel: 'a', key: name, bodies: ['never'] })
      await client.txRollback({ channel: 'a' })
      await client.txCommit({ channel: 'a' })
      note('rolled back', await count())
      await client.get(on)
      await client.ack({ channel: 'a', tag: 1 })
      await client.txRollback({ channel: 'a' })
      await client.closeChannel({ channel: 'a' })
      note('ack rolled back', await count())
      const again = await client.get({ channel: 'b', queue: name })
      note('again', [again?.body, again?.redelivered])
    },
  },
  {
    name: 'acknowledgements of a transaction count when it is committed',
    run: async ({ client, name, note }) => {
      const on = { channel: 'a', queue: name }
      await client.declareQueue(on)
      await client.publish({ channel: 'a', key: name, bodies: numbered(3) })
      await client.txSelect({ channel: 'a' })
      for (const _ of [1, 2]) await client.get(on)
      await client.ack({ channel: 'a', tag: 2, multiple: true })
      await client.txCommit({ channel: 'a' })
      await client.closeChannel({ channel: 'a' })
      const left = await client.get({ channel: 'b', queue: name })
      note('left', [left?.body, left?.redelivered, left?.left])
    },
  },
  {
    name: 'transactions and confirms exclude each other',
    except: { amqplib: 'it opens another channel for confirms' },
    run: async ({ client, refused }) => {
      await client.txSelect({ channel: 'a' })
      await refused('confirms in a transaction', () => client.confirmSelect({ channel: 'a' }))
      await client.confirmSelect({ channel: 'a.2' })
      await refused('a transaction with confirms', () => client.txSelect({ channel: 'a.2' }))
      await refused('a commit of nothing', () => client.txCommit({ channel: 'a.3' }))
    },
  },
  {
    name: 'CC and BCC copy to more queues, and BCC is not seen',
    run: async ({ client, name, note }) => {
      const queues = ['to', 'cc', 'bcc'].map(suffix => `${name}-${suffix}`)
      const [to = '', cc = '', bcc = ''] = queues
      for (const queue of queues) await client.declareQueue({ channel: 'a', queue })
      await client.confirmSelect({ channel: 'a' })
      const headers = { CC: [cc, `${name}-none`], BCC: [bcc], other: 1 }
      await client.publish({ channel: 'a', key: to, bodies: ['copied'], properties: { headers } })
      for (const queue of queues) {
        const got = await client.get({ channel: 'a', queue, noAck: true })
        note(queue, got && { ...got, properties: { headers: got.properties.headers } })
      }
    },
  },
  {
    name: 'requests are answered over direct reply-to',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'server', queue: name })
      const replies = 'amq.rabbitmq.reply-to'
      await client.consume({ channel: 'client', queue: replies, tag: 'replies', noAck: true })
      const properties = { replyTo: replies, correlationId: '42' }
      await client.publish({ channel: 'client', key: name, bodies: ['question'], properties })
      await client.consume({ channel: 'server', queue: name, tag: 'c', noAck: true })
      const [question] = await client.deliveries({ channel: 'server', count: 1 })
      const replyTo = question?.properties.replyTo ?? ''
      note('rewritten', replyTo.startsWith(`${replies}.`))
      note(
        'asked',
        await client
          .declareQueue({ channel: 'server', queue: replyTo, passive: true })
          .then(({ messages, consumers }) => ({ messages, consumers })),
      )
      await client.confirmSelect({ channel: 'server.2' })
      const answer = { channel: 'server.2', key: replyTo, bodies: ['answer'], mandatory: true }
      note('confirmed', await client.publish({ ...answer, properties: { correlationId: '42' } }))
      const [reply] = await client.deliveries({ channel: 'client', count: 1 })
      note('reply', {
        ...reply,
        key: '',
        properties: { correlationId: reply?.properties.correlationId },
      })
      await client.close({ connection: 'client' })
      await client.publish(answer)
      note('too late', bodiesOf(await client.returned({ channel: 'server.2', count: 1 })))
    },
  },
]
