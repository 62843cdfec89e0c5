import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBroker } from '../../../../test/broker/memory-broker.ts'
import type { Broker } from '../../../broker/broker.ts'
import { encodeBatch } from '../../../log/batch/index.ts'
import { Publication } from '../../../message/publication.ts'
import { nodePlatform } from '../../../platform/index.ts'
import type { ChannelMessage } from '../../../broker/channel/index.ts'
import { openServices, respOptionsDefault } from '../index.ts'

let broker: Broker
let heard: string[]

/** Hears all events, as "0 lpush key". */
beforeEach(async () => {
  broker = await openBroker()
  const services = openServices(broker, respOptionsDefault)
  services.parameters.get('notify-keyspace-events')!.set!('AE')
  heard = []
  broker.channels.in('/').subscribePattern('__keyevent@*', {
    form: {
      encode: ({ channel, body }: ChannelMessage) =>
        Buffer.from(`${channel.replace(/__keyevent@(\d+)__:/, '$1 ')} ${body.toString()}`),
    },
    take: frame => void heard.push(frame.toString()),
  })
})

afterEach(() => broker.close())

async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await nextTurn()
}

function publish(queue: string, body: string): void {
  const publication = new Publication()
  publication.addressTo('', queue)
  publication.body = Buffer.from(body)
  publication.bodyEnd = body.length
  broker.publisher.publish(broker.publisher.route('/', '', queue), publication)
}

test('notifications: what AMQP clients do to a list', async () => {
  broker.lists.open('/', 'jobs').push('left', Buffer.from('a'))
  heard.length = 0 // That is what Redis clients tell themselves.
  publish('jobs', 'b')
  await settle()
  expect(heard.splice(0)).toEqual(['0 lpush jobs'])
  const queue = broker.queues.find('/', 'jobs')!
  const taken: string[] = []
  for (let count = 0; count < 2; count++) {
    queue.pull({
      isAutoAccepted: true,
      sessionId: 1,
      deliver: ({ message }) =>
        void taken.push(message.body.toString('utf8', message.bodyStart, message.bodyEnd)),
      empty: () => taken.push('nothing'),
    })
    await settle()
  }
  expect(taken).toEqual(['a', 'b'])
  expect(heard).toEqual(['0 rpop jobs', '0 rpop jobs', '0 del jobs'])
})

test('notifications: what Kafka clients do to a stream', async () => {
  broker.entries.open('/', 'events')
  await settle()
  heard.length = 0
  const record = { timestamp: nodePlatform.clock.now(), key: null, value: Buffer.from('x') }
  const { logId } = broker.topics.find('/', 'events')!.partitions[0]!
  broker.runtime.store.append(logId, encodeBatch([record]))
  await settle()
  expect(heard).toEqual(['0 xadd events'])
})
