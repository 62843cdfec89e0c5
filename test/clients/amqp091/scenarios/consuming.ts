import type { Message, Operations } from '../driver.ts'
import { bodiesOf, eventually, numbered, type Scenario } from '../stage.ts'

/** A queue with messages in it. */
async function filled(client: Operations, queue: string, count: number): Promise<void> {
  await client.declareQueue({ channel: 'setup', queue })
  await client.confirmSelect({ channel: 'setup' })
  await client.publish({ channel: 'setup', key: queue, bodies: numbered(count) })
}

const seen = ({ body, redelivered, tag }: Message): unknown[] => [body, redelivered, tag]

const competing: readonly Scenario[] = [
  {
    name: 'consumers with a prefetch of 1 take turns',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'setup', queue: name })
      for (const channel of ['a', 'b', 'c']) {
        await client.qos({ channel, count: 1 })
        await client.consume({ channel, queue: name, tag: channel })
      }
      await client.publish({ channel: 'setup', key: name, bodies: numbered(6) })
      for (const channel of ['a', 'b', 'c']) {
        const first = await client.deliveries({ channel, count: 1 })
        note(`first of ${channel}`, bodiesOf(first))
      }
      await client.ack({ channel: 'b', tag: 1 })
      note('after an ack', bodiesOf(await client.deliveries({ channel: 'b', count: 1 })))
      await client.ack({ channel: 'a', tag: 1 })
      note('after another', bodiesOf(await client.deliveries({ channel: 'a', count: 1 })))
      note('none unasked', await client.deliveries({ channel: 'c', count: 1, waitMs: 100 }))
    },
  },
  {
    name: 'prefetch is counted per consumer, or per channel when global',
    run: async ({ client, name, note }) => {
      await filled(client, name, 10)
      await client.qos({ channel: 'each', count: 2 })
      for (const tag of ['x', 'y']) await client.consume({ channel: 'each', queue: name, tag })
      const each = await client.deliveries({ channel: 'each', count: 5, waitMs: 200 })
      note('per consumer', each.length)
      await client.close({ connection: 'each' })
      await client.qos({ channel: 'all', count: 3, global: true })
      for (const tag of ['x', 'y']) await client.consume({ channel: 'all', queue: name, tag })
      const all = await client.deliveries({ channel: 'all', count: 5, waitMs: 200 })
      note('per channel', all.length)
      await client.ack({ channel: 'all', tag: 3, multiple: true })
      note('more', (await client.deliveries({ channel: 'all', count: 5, waitMs: 200 })).length)
    },
  },
  {
    name: 'consumers with a higher priority are served first, as long as they can take',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'setup', queue: name })
      for (const [channel, priority] of [
        ['low', -1],
        ['high', 10],
      ] as const) {
        await client.qos({ channel, count: 2 })
        const table = { 'x-priority': priority }
        await client.consume({ channel, queue: name, tag: channel, arguments: table })
      }
      await client.publish({ channel: 'setup', key: name, bodies: numbered(4) })
      note('high', bodiesOf(await client.deliveries({ channel: 'high', count: 2 })))
      note('low', bodiesOf(await client.deliveries({ channel: 'low', count: 2 })))
    },
  },
  {
    name: 'one of several consumers is active, and the next takes over',
    run: async ({ client, name, note }) => {
      const table = { 'x-single-active-consumer': true }
      await client.declareQueue({ channel: 'setup', queue: name, arguments: table })
      for (const channel of ['a', 'b']) await client.consume({ channel, queue: name, tag: channel })
      await client.publish({ channel: 'setup', key: name, bodies: numbered(3) })
      note('active', bodiesOf(await client.deliveries({ channel: 'a', count: 3 })))
      note('waiting', await client.deliveries({ channel: 'b', count: 1, waitMs: 100 }))
      await client.ack({ channel: 'a', tag: 1 })
      await client.qos({ channel: 'a', count: 9 }) // Its answer comes after the acknowledgement.
      await client.close({ connection: 'a' })
      const taken = await client.deliveries({ channel: 'b', count: 2 })
      note('taken over', taken.map(seen))
    },
  },
  {
    name: 'an exclusive consumer keeps others out',
    run: async ({ client, name, note, refused }) => {
      await filled(client, name, 1)
      await client.consume({ channel: 'a', queue: name, tag: 'a', exclusive: true })
      note('delivered', bodiesOf(await client.deliveries({ channel: 'a', count: 1 })))
      await refused('another', () => client.consume({ channel: 'b', queue: name, tag: 'b' }))
      await client.cancel({ channel: 'a', tag: 'a' })
      await refused('afterwards', () => client.consume({ channel: 'b', queue: name, tag: 'b' }))
      await refused('exclusive beside one', () =>
        client.consume({ channel: 'a', queue: name, tag: 'a', exclusive: true }),
      )
    },
  },
  {
    name: 'the broker cancels consumers when their queue goes',
    run: async ({ client, name, note }) => {
      await filled(client, name, 2)
      await client.consume({ channel: 'a', queue: name, tag: 'going', noAck: true })
      await client.deliveries({ channel: 'a', count: 2 })
      await client.deleteQueue({ channel: 'setup', queue: name })
      note('cancelled', await client.cancelled({ channel: 'a' }))
      const other = { channel: 'a', queue: `${name}-other` }
      note('the channel lives', (await client.declareQueue(other)).messages)
    },
  },
]

const settling: readonly Scenario[] = [
  {
    name: 'what comes back keeps its place and is marked',
    run: async ({ client, name, note }) => {
      await filled(client, name, 4)
      await client.qos({ channel: 'a', count: 3 })
      await client.consume({ channel: 'a', queue: name, tag: 'a' })
      note('first', (await client.deliveries({ channel: 'a', count: 3 })).map(seen))
      await client.cancel({ channel: 'a', tag: 'a' })
      await client.nack({ channel: 'a', tag: 2, requeue: true })
      await client.reject({ channel: 'a', tag: 1, requeue: true })
      await eventually(async () => {
        const on = { channel: 'setup', queue: name, passive: true }
        return (await client.declareQueue(on)).messages === 3
      })
      await client.consume({ channel: 'b', queue: name, tag: 'b' })
      note('then', (await client.deliveries({ channel: 'b', count: 3 })).map(seen))
    },
  },
  {
    name: 'several are acknowledged, rejected or returned at once',
    run: async ({ client, name, note }) => {
      const left = async (): Promise<number> => {
        await client.closeChannel({ channel: 'a' })
        return (await client.declareQueue({ channel: 'a', queue: name, passive: true })).messages
      }
      await filled(client, name, 10)
      await client.consume({ channel: 'a', queue: name, tag: 'a' })
      await client.deliveries({ channel: 'a', count: 10 })
      await client.ack({ channel: 'a', tag: 5 })
      await client.ack({ channel: 'a', tag: 3, multiple: true })
      note('of ten, four acknowledged', await left())
      await client.consume({ channel: 'a', queue: name, tag: 'a' })
      const again = await client.deliveries({ channel: 'a', count: 6 })
      note('again', again.map(seen))
      await client.nack({ channel: 'a', tag: 4, multiple: true, requeue: false })
      note('of six, four dropped', await left())
      await client.consume({ channel: 'a', queue: name, tag: 'a' })
      await client.deliveries({ channel: 'a', count: 2 })
      await client.ack({ channel: 'a', tag: 0, multiple: true })
      note('of two, all acknowledged', await left())
    },
  },
  {
    name: 'a connection that ends gives everything back',
    run: async ({ client, name, note }) => {
      await filled(client, name, 3)
      await client.consume({ channel: 'a', queue: name, tag: 'a' })
      note('taken', (await client.deliveries({ channel: 'a', count: 3 })).length)
      await client.consume({ channel: 'b', queue: name, tag: 'b' })
      await client.close({ connection: 'a' })
      note('given back', (await client.deliveries({ channel: 'b', count: 3 })).map(seen))
    },
  },
  {
    name: 'recover delivers again what is out',
    run: async ({ client, name, note }) => {
      await filled(client, name, 3)
      await client.consume({ channel: 'a', queue: name, tag: 'a' })
      note('first', (await client.deliveries({ channel: 'a', count: 3 })).map(seen))
      await client.ack({ channel: 'a', tag: 1 })
      await client.recover({ channel: 'a' })
      note('again', (await client.deliveries({ channel: 'a', count: 2 })).map(seen))
    },
  },
  {
    name: 'without acknowledgements a delivery is the end of it',
    run: async ({ client, name, note }) => {
      await filled(client, name, 3)
      await client.consume({ channel: 'a', queue: name, tag: 'a', noAck: true })
      note('taken', (await client.deliveries({ channel: 'a', count: 3 })).map(seen))
      await client.close({ connection: 'a' })
      const declared = await client.declareQueue({ channel: 'setup', queue: name, passive: true })
      note('left', [declared.messages, declared.consumers])
    },
  },
  {
    name: 'nothing is delivered after a cancel',
    run: async ({ client, name, note }) => {
      await client.declareQueue({ channel: 'setup', queue: name })
      await client.consume({ channel: 'a', queue: name, tag: 'a' })
      await client.cancel({ channel: 'a', tag: 'a' })
      await client.confirmSelect({ channel: 'setup' })
      await client.publish({ channel: 'setup', key: name, bodies: numbered(2) })
      note('after', await client.deliveries({ channel: 'a', count: 1, waitMs: 50 }))
      const on = { channel: 'setup', queue: name, passive: true }
      note('left', await client.declareQueue(on))
      await client.cancel({ channel: 'a', tag: 'unknown' })
      await client.consume({ channel: 'a', queue: name, tag: 'a' })
      note('consumed anew', (await client.deliveries({ channel: 'a', count: 2 })).map(seen))
    },
  },
  ...['unknown', 'twice'].map(
    (case_): Scenario => ({
      name: `an acknowledgement of a delivery ${case_} closes the channel`,
      run: async ({ client, name, note }) => {
        await filled(client, name, 2)
        await client.get({ channel: 'a', queue: name })
        await client.ack({ channel: 'a', tag: case_ === 'unknown' ? 77 : 1 })
        if (case_ === 'twice') await client.ack({ channel: 'a', tag: 1 })
        note('closed', await client.closed({ channel: 'a' }))
        const left = await client.get({ channel: 'b', queue: name })
        note('left', [left?.body, left?.redelivered])
      },
    }),
  ),
]

export const consumingScenarios: readonly Scenario[] = [...competing, ...settling]
