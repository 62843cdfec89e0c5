import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBroker } from '../../../test/broker/memory-broker.ts'
import type { ChannelSpace } from './space.ts'
import { ChannelWorld, Ear, textForm } from './world.fixture.ts'

let world: ChannelWorld
let space: ChannelSpace

beforeEach(async () => {
  world = new ChannelWorld(await openBroker())
  space = world.broker.channels.in('/')
})

afterEach(() => world.broker.close())

test('channels: a message is heard by who subscribed, by name and by each pattern', () => {
  const [one, other] = [new Ear(), new Ear()]
  space.subscribe('news', one)
  space.subscribePattern('n*', one)
  space.subscribePattern('*', other)
  expect(world.publish('news', 'a')).toBe(3)
  expect(world.publish('nobody', 'b')).toBe(2)
  expect(world.publish('else', 'c')).toBe(1)
  expect(one.heard).toEqual(['news a', 'n* news a', 'n* nobody b'])
  expect(other.heard).toEqual(['* news a', '* nobody b', '* else c'])
})

test('channels: subscribing twice is once, and who left hears nothing', () => {
  const ear = new Ear()
  expect([space.subscribe('c', ear), space.subscribe('c', ear)]).toEqual([true, false])
  expect([space.subscribePattern('c', ear), space.subscribePattern('c', ear)]).toEqual([
    true,
    false,
  ])
  expect([space.channelCount, space.patternCount, space.countOf('c')]).toEqual([1, 1, 1])
  expect(world.publish('c', 'a')).toBe(2)
  expect([space.unsubscribe('c', ear), space.unsubscribe('c', ear)]).toEqual([true, false])
  expect(space.unsubscribePattern('c', ear)).toBe(true)
  expect(space.unsubscribePattern('c', ear)).toBe(false)
  expect(world.publish('c', 'b')).toBe(0)
  expect(ear.heard).toEqual(['c a', 'c c a'])
  expect([space.channelCount, space.patternCount, space.isSilent]).toEqual([0, 0, true])
})

test('channels: sharded ones are a space of their own', () => {
  const ear = new Ear()
  space.subscribePattern('*', ear)
  space.subscribeSharded('c', ear)
  expect(space.publishSharded('c', Buffer.from('a'))).toBe(1)
  expect(world.publish('c', 'b')).toBe(1)
  expect(ear.heard).toEqual(['c a', '* c b'])
  expect([...space.shardedChannels()]).toEqual(['c'])
  expect([space.countOfSharded('c'), space.shardedChannelCount]).toEqual([1, 1])
  expect(space.unsubscribeSharded('c', ear)).toBe(true)
  expect(space.publishSharded('c', Buffer.from('d'))).toBe(0)
})

test('channels: a message is written once for all who take the same form', () => {
  let written = 0
  const form = (): typeof textForm => ({
    encode(message) {
      written++
      return textForm.encode(message)
    },
  })
  const [two, three] = [form(), form()]
  for (let index = 0; index < 50; index++) space.subscribe('c', new Ear(index % 2 ? two : three))
  expect(world.publish('c', 'a')).toBe(50)
  expect(written).toBe(2)
})

test('channels: namespaces do not hear each other', () => {
  world.broker.namespaces.add('team')
  const ear = new Ear()
  world.broker.channels.in('team').subscribe('c', ear)
  expect(world.publish('c', 'a')).toBe(0)
  expect(world.broker.channels.in('team').publish('c', Buffer.from('b'))).toBe(1)
  expect(ear.heard).toEqual(['c b'])
})

test('channels: who takes a message may leave, and may cause another one', () => {
  const heard: string[] = []
  const ear = { form: textForm, take: (): void => void space.unsubscribe('c', ear) }
  const loud = {
    form: textForm,
    take(frame: Buffer): void {
      heard.push(frame.toString())
      if (heard.length === 1) world.publish('d', 'again')
    },
  }
  space.subscribe('c', ear)
  space.subscribe('c', loud)
  space.subscribe('d', loud)
  space.subscribePattern('c', loud)
  expect(world.publish('c', 'a')).toBe(3)
  expect(heard).toEqual(['c a', 'd again', 'c c a'])
  expect(space.countOf('c')).toBe(1)
})

test('channels: what is published to a topic is in it, and heard when confirmed', async () => {
  world.topic('orders')
  const ear = new Ear()
  space.subscribe('orders', ear)
  space.subscribePattern('or*', ear)
  expect(world.publish('orders', 'mine')).toBe(2)
  world.append('orders', 'theirs')
  expect(ear.heard).toEqual([])
  await world.settle()
  expect(ear.heard.toSorted()).toEqual([
    'or* orders mine',
    'or* orders theirs',
    'orders mine',
    'orders theirs',
  ])
  expect(world.broker.topics.find('/', 'orders')!.partitions[0]!.log.endOffset).toBe(2)
})

test('channels: with no subscribers a topic gets messages all the same', async () => {
  world.topic('orders')
  expect(world.publish('orders', 'a')).toBe(0)
  await world.settle()
  expect(world.broker.topics.find('/', 'orders')!.partitions[0]!.log.confirmedEnd).toBe(1)
  expect(world.broker.streams.count).toBe(0)
})

test('channels: nobody hears what was published before they subscribed', async () => {
  world.topic('orders', 2)
  const [early, late] = [new Ear(), new Ear()]
  space.subscribe('orders', early)
  world.append('orders', 'a')
  world.append('orders', 'b', 1)
  world.publish('orders', 'c')
  space.subscribe('orders', late)
  world.append('orders', 'd')
  world.append('orders', 'e', 1)
  await world.settle()
  expect(early.heard).toHaveLength(5)
  expect(late.heard.toSorted()).toEqual(['orders d', 'orders e'])
})

test('channels: a topic is read as long as somebody subscribes', async () => {
  world.topic('orders')
  world.topic('ordinary')
  const { streams } = world.broker
  const ear = new Ear()
  space.subscribe('orders', ear)
  space.subscribePattern('ord*', ear)
  expect(streams.count).toBe(2)
  space.unsubscribe('orders', ear)
  expect(streams.count).toBe(2)
  space.unsubscribePattern('ord*', ear)
  expect(streams.count).toBe(0)
})

test('channels: topics that come and go are followed', async () => {
  const ear = new Ear()
  space.subscribe('orders', ear)
  space.subscribePattern('o*', ear)
  world.publish('orders', 'a')
  world.topic('orders')
  world.append('orders', 'b')
  await world.settle()
  world.deleteTopic('orders')
  world.publish('orders', 'c')
  world.topic('orders')
  await world.settle()
  world.append('orders', 'd')
  await world.settle()
  expect(ear.heard.filter(text => text.startsWith('orders'))).toEqual([
    'orders a',
    'orders b',
    'orders c',
    'orders d',
  ])
  expect(ear.heard).toHaveLength(8)
})

test('channels: a queue is none and a stream is one, unless a policy says otherwise', async () => {
  const ear = new Ear()
  space.subscribe('jobs', ear)
  space.subscribe('events', ear)
  world.queue('jobs')
  world.queue('events', 'stream')
  const ready = (): number => world.broker.queues.find('/', 'jobs')!.readyCount
  expect(world.publish('jobs', 'a')).toBe(1)
  expect(world.publish('events', 'b')).toBe(1)
  await world.settle()
  expect([ear.heard, ready()]).toEqual([['jobs a', 'events b'], 0])
  world.channelPolicy('jobs', true)
  expect(world.publish('jobs', 'c')).toBe(1)
  await world.settle()
  expect([ear.heard.at(-1), ready()]).toEqual(['jobs c', 1])
  world.channelPolicy('events|jobs', false)
  world.publish('events', 'd')
  world.publish('jobs', 'e')
  expect(ear.heard.slice(-2)).toEqual(['events d', 'jobs e'])
  await world.settle()
  expect([ear.heard.length, ready()]).toEqual([5, 1])
})

test('channels: a topic becomes apart when a queue is declared on it, and comes back', async () => {
  const ear = new Ear()
  world.topic('orders')
  space.subscribe('orders', ear)
  world.queue('orders')
  await world.settle()
  world.publish('orders', 'a')
  expect(ear.heard).toEqual(['orders a'])
  world.deleteQueue('orders')
  await world.settle()
  world.append('orders', 'b')
  await world.settle()
  expect(ear.heard).toEqual(['orders a', 'orders b'])
})

test('channels: what others keep apart is no channel', async () => {
  world.broker.channels.isApart = ({ name }) => name === 'entries'
  world.topic('entries')
  const ear = new Ear()
  space.subscribe('entries', ear)
  world.append('entries', 'a')
  world.publish('entries', 'b')
  await world.settle()
  expect(ear.heard).toEqual(['entries b'])
})

test('channels: names of topics are UTF-8, those of channels any bytes', async () => {
  world.topic('größe')
  const channel = Buffer.from('größe').toString('latin1')
  const ear = new Ear()
  space.subscribe(channel, ear)
  expect(world.publish(channel, 'a')).toBe(1)
  await world.settle()
  world.append('größe', 'b')
  await world.settle()
  expect(ear.heard).toEqual([`${channel} a`, `${channel} b`])
  space.subscribe('\xff', ear)
  expect(world.publish('\xff', 'c')).toBe(1)
})

test('channels: announcements do not reach topics', async () => {
  world.topic('orders')
  const ear = new Ear()
  space.subscribe('orders', ear)
  expect(space.announce('orders', Buffer.from('a'))).toBe(1)
  await world.settle()
  expect(ear.heard).toEqual(['orders a'])
  expect(world.broker.topics.find('/', 'orders')!.partitions[0]!.log.endOffset).toBe(0)
})

test('channels: messages that exchanges lead to a topic are heard', async () => {
  world.topic('orders')
  const { exchanges } = world.broker
  exchanges.bind({
    namespace: '/',
    source: 'amq.topic',
    destination: 'orders',
    destinationKind: 'queue',
    routingKey: 'order.#',
    declared: {},
  })
  const ear = new Ear()
  space.subscribe('orders', ear)
  const { publisher } = world.broker
  const { Publication } = await import('../../message/publication.ts')
  const publication = new Publication()
  publication.addressTo('amq.topic', 'order.new')
  publication.body = Buffer.from('x')
  publication.bodyEnd = 1
  publisher.publish(publisher.route('/', 'amq.topic', 'order.new'), publication)
  await world.settle()
  expect(ear.heard).toEqual(['orders x'])
})
