import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RespClient, RespLoopback } from '../../../../test/resp/loopback.ts'
import { origins } from '../../../message/origin.ts'
import { Publication } from '../../../message/publication.ts'

let world: RespLoopback
let client: RespClient

beforeEach(async () => {
  world = await RespLoopback.open()
  client = world.client()
})

afterEach(() => world.broker.close())

function waiting(...words: string[]): RespClient {
  const made = world.client()
  made.send(...words)
  expect(made.inbox).toEqual([])
  return made
}

const inboxes = (...clients: RespClient[]): unknown[] => clients.map(({ inbox }) => inbox)

test('blocking: first come, first served, whatever else they wait for', () => {
  const one = waiting('BLPOP', 'a', 'b', '0')
  const two = waiting('BRPOP', 'b', '0')
  const three = waiting('BLPOP', 'a', '0')
  client.ask('RPUSH', 'b', '1', '2')
  expect(inboxes(one, two, three)).toEqual([[['b', '1']], [['b', '2']], []])
  client.ask('RPUSH', 'a', '3', '4')
  expect(three.inbox).toEqual([['a', '3']])
  expect(client.ask('LRANGE', 'a', '0', '-1')).toEqual(['4'])
})

test('blocking: a stream that another protocol makes, and one that is watched', async () => {
  const { topics, publisher } = world.broker
  const reading = waiting('XREAD', 'BLOCK', '0', 'STREAMS', 'events', '$')
  client.ask('WATCH', 'events')
  topics.createNow({ name: 'events', partitionCount: 1, overrides: {} })
  const publication = new Publication()
  publication.origin = origins.redis
  publication.body = Buffer.from('hello')
  publication.bodyEnd = 5
  publisher.publish(publisher.route('/', '', 'events'), publication)
  await expect.poll(() => reading.inbox).toHaveLength(1)
  expect(JSON.stringify(reading.inbox)).toContain('["value","hello"]')
  client.pipeline(['MULTI'], ['PING'], ['EXEC'])
  expect(client.inbox.at(-1)).toBe(null)
})

test('blocking: a transaction is over before anybody is served', () => {
  const one = waiting('BLPOP', 'a', '0')
  client.pipeline(['MULTI'], ['RPUSH', 'a', '1'], ['LPOP', 'a'], ['RPUSH', 'a', '2'], ['EXEC'])
  expect(client.inbox.at(-1)).toEqual([1, '1', 1])
  expect(one.inbox).toEqual([['a', '2']])
})

test('blocking: who is served serves others', () => {
  const last = waiting('BLPOP', 'b', '0')
  const first = waiting('BLMOVE', 'a', 'b', 'LEFT', 'RIGHT', '0')
  client.ask('RPUSH', 'a', 'x')
  expect(inboxes(first, last)).toEqual([['x'], [['b', 'x']]])
  expect(client.ask('EXISTS', 'a', 'b')).toBe(0)
})

test('blocking: lists and sorted sets are waited for by different clients', () => {
  const forList = waiting('BLPOP', 'k', '0')
  const forSet = waiting('BZPOPMIN', 'k', '0')
  client.ask('ZADD', 'k', '1', 'm')
  expect(inboxes(forList, forSet)).toEqual([[], [['k', 'm', '1']]])
  client.ask('RPUSH', 'k', 'x')
  expect(forList.inbox).toEqual([['k', 'x']])
})

test('blocking: what is renamed, or put there otherwise, is noticed', () => {
  const one = waiting('BLPOP', 'to', '0')
  client.ask('RPUSH', 'from', 'x')
  client.ask('RENAME', 'from', 'to')
  expect(one.inbox).toEqual([['to', 'x']])
})

test('blocking: numbered databases are apart', () => {
  const one = waiting('BLPOP', 'k', '0')
  client.ask('SELECT', '1')
  client.ask('RPUSH', 'k', 'x')
  expect(one.inbox).toEqual([])
})

test('blocking: a message of another protocol is an element', async () => {
  client.ask('RPUSH', 'orders', 'made')
  client.ask('LPOP', 'orders')
  const one = waiting('BLPOP', 'orders', '0')
  const { publisher } = world.broker
  const publication = new Publication()
  publication.addressTo('', 'orders')
  publication.body = Buffer.from('tea')
  publication.bodyEnd = publication.body.length
  publisher.publish(publisher.route('/', '', 'orders'), publication)
  expect(await one.next()).toEqual(['orders', 'tea'])
})

test('blocking: time ends it, and so does CLIENT UNBLOCK', async () => {
  const timed = waiting('BLPOP', 'a', '0.01')
  const kept = waiting('BLPOP', 'a', '0')
  const failed = waiting('BLPOP', 'a', '0')
  expect(await timed.next()).toBe(null)
  const [, two, three] = [...world.services.clients.all()].map(({ id }) => String(id)).slice(1)
  expect(client.ask('CLIENT', 'UNBLOCK', two!)).toBe(1)
  expect(client.ask('CLIENT', 'UNBLOCK', three!, 'ERROR')).toBe(1)
  expect(client.ask('CLIENT', 'UNBLOCK', three!)).toBe(0)
  expect(inboxes(kept, failed)).toEqual([
    [null],
    ['-UNBLOCKED client unblocked via CLIENT UNBLOCK'],
  ])
})

test('blocking: nothing is left of who was served, went, or waited in vain', async () => {
  const { blocking } = world.services
  const gone = waiting('BLPOP', 'a', 'b', '100')
  waiting('BLPOP', 'c', '100')
  waiting('BLPOP', 'd', '0.001')
  expect([blocking.count, blocking.keyCount, blocking.timedCount]).toEqual([3, 4, 3])
  gone.close()
  client.ask('RPUSH', 'c', 'x')
  const left = () => [blocking.count, blocking.keyCount, blocking.timedCount]
  await expect.poll(left).toEqual([0, 0, 0])
  client.ask('RPUSH', 'a', 'x')
  expect(client.ask('LLEN', 'a')).toBe(1)
})

test('blocking: CLIENT PAUSE lets commands wait, or writes only', async () => {
  const other = world.client()
  expect(client.ask('CLIENT', 'PAUSE', '100000', 'WRITE')).toBe('+OK')
  expect(other.ask('GET', 'k')).toBe(null)
  other.send('SET', 'k', 'v')
  other.send('GET', 'k')
  expect(other.inbox).toEqual([])
  expect(client.ask('CLIENT', 'UNPAUSE')).toBe('+OK')
  expect(other.inbox).toEqual(['+OK', 'v'])
  client.ask('CLIENT', 'PAUSE', '5')
  other.send('PING')
  expect(other.inbox).toEqual(['+OK', 'v'])
  await expect.poll(() => other.inbox).toEqual(['+OK', 'v', '+PONG'])
})
