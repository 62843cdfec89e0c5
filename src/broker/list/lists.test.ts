import { expect, test } from 'vitest'
import { Publication } from '../../message/publication.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import { accept, requeue } from '../queue/index.ts'
import { specOf } from '../queue/spec.fixture.ts'
import { TestConsumer } from '../queue/world.fixture.ts'
import { queueSettingsDefault } from '../queue/index.ts'
import { ListWorld } from './world.fixture.ts'

test('who consumes a list gets what was pushed first, from whichever side', () => {
  const left = new ListWorld()
  left.push('left', 'a b c')
  expect(left.all()).toBe('c b a')
  expect(left.queues.queue().head).toBe('right')
  expect(left.handedOut()).toBe('a b c')

  const right = new ListWorld()
  right.push('right', 'a b c')
  expect(right.all()).toBe('a b c')
  expect(right.queues.queue().head).toBe('left')
  expect(right.handedOut()).toBe('a b c')
})

test('what is pushed at the head goes before all others, the newest first', () => {
  const world = new ListWorld()
  world.push('left', 'a b')
  world.push('right', 'y z')
  world.push('left', 'c')
  expect(world.all()).toBe('c b a y z')
  world.queues.crash()
  expect(world.all()).toBe('')
  world.push('left', 'a b')
  world.push('right', 'y z')
  world.push('left', 'c')
  world.queues.settle()
  world.queues.crash()
  expect(world.all()).toBe('c b a y z')
  world.queues.checkpoint()
  world.queues.crash()
  expect(world.handedOut()).toBe('z y a b c')
})

test('of what others have published, who takes first takes what came first', () => {
  for (const side of ['left', 'right'] as const) {
    const world = new ListWorld()
    world.declare({})
    for (const body of ['a', 'b', 'c', 'd']) world.queues.publish(body)
    world.queues.settle()
    expect(world.all()).toBe('d c b a')
    expect(world.pop(side)).toBe('a')
    expect(world.pop(side === 'left' ? 'right' : 'left')).toBe('d')
    world.queues.settle()
    world.queues.checkpoint()
    world.queues.crash()
    expect(world.queues.queue().head).toBe(side)
    expect(world.pop(side)).toBe('b')
  }
})

test('a policy says which end is handed out first', () => {
  const world = new ListWorld()
  world.declare({ listHead: 'right' })
  world.push('right', 'a b c')
  expect(world.handedOut()).toBe('c b a')
})

test('an empty list does not exist, and what is with a consumer is not in it', () => {
  const world = new ListWorld()
  expect(world.lists.find('/', 'q')).toBeUndefined()
  world.push('left', 'a')
  expect([...world.lists.names('/')]).toEqual(['q'])
  world.queues.settle()
  const { got } = world.queues.pull()
  expect(world.lists.find('/', 'q')).toBeUndefined()
  expect([...world.lists.names('/')]).toEqual([])
  world.queues.queue().settle(0, got!.offset, requeue)
  expect(world.all()).toBe('a')
})

test('a topic, a stream and the queue of a connection are no lists', () => {
  const world = new ListWorld()
  const { queues, topics } = world.queues
  topics.createNow({ namespace: '/', name: 'topic', partitionCount: 1, overrides: {} })
  expect(() => world.list('topic')).toThrow(expect.objectContaining({ kind: 'wrong-type' }))
  expect(world.lists.find('/', 'topic')).toBeUndefined()
  queues.declare(specOf('stream', { type: 'stream' }), queueSettingsDefault)
  expect(() => world.list('stream')).toThrow(expect.objectContaining({ kind: 'wrong-type' }))
  queues.declare(specOf('own', { owner: 7, isDurable: false }), queueSettingsDefault)
  expect(() => world.list('own')).toThrow(expect.objectContaining({ kind: 'access-refused' }))
})

test('a name may be longer than AMQP has them', () => {
  const world = new ListWorld()
  const name = 'ä'.repeat(500)
  world.push('left', 'a b', name)
  world.queues.settle()
  world.queues.crash()
  expect(world.pop('right', name)).toBe('a')
})

test('a message keeps its properties where it is moved to, and where it is changed', () => {
  const world = new ListWorld()
  world.declare({})
  const message = new Publication()
  message.addressTo('exchange', 'key')
  message.properties = Buffer.from('properties')
  message.propertiesEnd = 10
  message.body = Buffer.from('body')
  message.bodyEnd = 4
  message.key = Buffer.from('k')
  message.ttlMs = 5000
  world.queues.queue().enqueue(message)
  world.push('left', 'b')
  world.list().set(1, Buffer.from('changed'))
  expect(world.move('q', 'right', 'other', 'left')).toBe('changed')
  world.queues.advance(1000)
  const queue = world.queues.queue('other')
  const view = new StoredMessage()
  expect(queue.lanes.next(view)).toBe('message')
  expect(view.exchange()).toBe('exchange')
  expect(view.routingKey()).toBe('key')
  expect(view.properties().toString()).toBe('properties')
  expect(view.key()?.toString()).toBe('k')
  expect(view.ttlMs).toBe(5000)
  expect(view.timestamp).toBe(world.queues.now - 1000)
  world.queues.advance(4001)
  expect(world.all('other')).toBe('')
})

test('a list that refuses what is too much', () => {
  const world = new ListWorld()
  const list = world.declare({ lengthMax: 2, overflow: 'reject-publish' })
  expect(list.hasRoom(2, 2)).toBe(true)
  expect(world.push('left', 'a b')).toBe(true)
  expect(list.hasRoom(1, 1)).toBe(false)
  expect(world.push('left', 'c')).toBe(false)
  expect(world.push('right', 'c')).toBe(false)
  expect(world.all()).toBe('b a')
})

test('a list that drops what is too much, at its head', () => {
  const world = new ListWorld()
  const list = world.declare({ lengthMax: 2, deadLetterExchange: 'dead' })
  world.push('left', 'a b c d')
  expect(list.length).toBe(2)
  expect(world.all()).toBe('d c')
  expect(world.queues.dead).toEqual(
    ['a', 'b'].map(body => ({ queue: 'q', body, reason: 'maxlen' })),
  )
  world.queues.settle()
  expect(world.queues.queue().unsettledCount).toBe(0)
})

test('a list that is bounded by bytes', () => {
  const world = new ListWorld()
  world.declare({ lengthBytesMax: 10 })
  world.push('left', 'aaaa bbbb')
  expect(world.pop('left')).toBe('bbbb')
  world.push('left', 'cccc dd')
  expect(world.all()).toBe('dd cccc aaaa')
  world.push('left', 'e')
  expect(world.all()).toBe('e dd cccc')
  world.queues.settle()
  expect(world.queues.queue().readyBytes).toBe(7)
  world.list().trim(0, 0)
  expect(world.queues.queue().readyBytes).toBe(1)
})

test('what is too old is not popped, and goes where dead letters go', () => {
  const world = new ListWorld()
  world.declare({ messageTtlMs: 100, deadLetterExchange: 'dead' })
  world.push('left', 'a b')
  world.queues.settle()
  world.queues.advance(60)
  world.push('left', 'c')
  world.queues.now += 60
  expect(world.lists.find('/', 'q')?.length).toBe(1)
  expect(world.pop('right')).toBe('c')
  expect(world.queues.dead.map(({ body, reason }) => [body, reason])).toEqual([
    ['a', 'expired'],
    ['b', 'expired'],
  ])
})

test('priorities: the highest ones are at the head', () => {
  const world = new ListWorld()
  world.declare({ priorityMax: 5 })
  world.push('left', 'a b')
  world.queues.publish('urgent', { priority: 5 })
  world.queues.publish('soon', { priority: 3 })
  expect(world.all()).toBe('b a soon urgent')
  world.push('right', 'first')
  expect(world.all()).toBe('b a soon urgent first')
  expect(world.pop('left')).toBe('b')
  world.list().set(1, Buffer.from('later'))
  world.list().insert(1, Buffer.from('x'))
  expect(world.all()).toBe('a x later urgent first')
  expect(world.handedOut()).toBe('first urgent later x a')
})

test('an element that was popped comes back unless its holder asks for more', () => {
  const world = new ListWorld()
  world.declare({ visibilityTimeoutMs: 1000, deliveryLimit: 1, deadLetterExchange: 'dead' })
  world.push('left', 'a b c')
  expect(world.pop('right', 'q', 7)).toBe('a')
  world.lists.done(7, '/', 'q')
  expect(world.pop('right', 'q', 7)).toBe('b')
  expect(world.all()).toBe('c')
  expect(world.queues.queue().unsettledCount).toBe(1)
  world.queues.advance(1001)
  expect(world.all()).toBe('c b')
  expect(world.pop('right', 'q', 8)).toBe('b')
  world.lists.sessionClosed(8)
  world.queues.settle()
  expect(world.all()).toBe('c')
  expect(world.queues.dead).toEqual([{ queue: 'q', body: 'b', reason: 'delivery_limit' }])
  expect(world.pop('left', 'q', 9)).toBe('c')
  expect(world.list().remove(1, Buffer.from('c'))).toBe(1)
  world.queues.advance(1001)
  expect(world.queues.queue().unsettledCount).toBe(0)
  expect(world.all()).toBe('')
})

test('what was held when the broker ended is there again', () => {
  const world = new ListWorld()
  world.declare({ visibilityTimeoutMs: 1000 })
  world.push('left', 'a b c')
  world.pop('left', 'q', 7)
  world.pop('right', 'q', 7)
  world.queues.settle()
  world.queues.crash()
  expect(world.all()).toBe('c b a')
})

test('an element that lies too long where it was moved to goes back', () => {
  const world = new ListWorld()
  world.declare({ visibilityTimeoutMs: 1000, deliveryLimit: 2, deadLetterExchange: 'dead' })
  world.push('left', 'a b c')
  for (let round = 0; round < 2; round++) {
    expect(world.move('q', 'right', 'work', 'left')).toBe('a')
    expect(world.all()).toBe('c b')
    world.queues.advance(999)
    expect(world.all('work')).toBe('a')
    world.queues.advance(1)
    expect([world.all(), world.all('work')]).toEqual(['c b a', ''])
  }
  world.move('q', 'right', 'work', 'left')
  world.queues.advance(1000)
  expect([world.all(), world.all('work')]).toEqual(['c b', ''])
  expect(world.queues.dead).toEqual([{ queue: 'q', body: 'a', reason: 'delivery_limit' }])
})

test('an element that is taken out where it was moved to does not go back', () => {
  const world = new ListWorld()
  world.declare({ visibilityTimeoutMs: 1000 })
  world.push('left', 'a b c d e')
  for (const body of ['a', 'b', 'c', 'd']) {
    expect(world.move('q', 'right', 'work', 'left')).toBe(body)
    world.queues.advance(10)
  }
  expect(world.list('work').remove(0, Buffer.from('b'))).toBe(1)
  expect(world.pop('left', 'work')).toBe('d')
  world.list('work').set(0, Buffer.from('C'))
  world.queues.settle()
  world.queues.crash()
  world.queues.checkpoint()
  world.queues.crash()
  expect(world.all('work')).toBe('C a')
  world.queues.advance(1000)
  expect([world.all(), world.all('work')]).toEqual(['e C a'.replace('C a', 'a C'), ''])
})

test('a queue that only pushes had made goes when nobody uses it', () => {
  const world = new ListWorld()
  const { queues } = world.queues
  world.push('left', 'a', 'one')
  world.push('left', 'b', 'two')
  world.pop('left', 'one')
  world.queues.advance(5000)
  world.push('left', 'c', 'one')
  world.pop('left', 'one')
  world.queues.advance(8000)
  expect(queues.find('/', 'one')).toBeDefined()
  world.queues.crash()
  world.queues.advance(30_000)
  expect(world.queues.queues.find('/', 'one')).toBeUndefined()
  expect(world.all('two')).toBe('b')
})

test('it stays while somebody consumes it, and when somebody declares it', () => {
  const world = new ListWorld()
  for (const name of ['q', 'r']) {
    world.push('left', 'a', name)
    world.pop('left', name)
  }
  const consumer = world.queues.consume()
  world.queues.queues.declare(specOf('r'), queueSettingsDefault)
  world.queues.advance(60_000)
  expect(world.queues.queue('q').spec.isImplicit).toBe(true)
  expect(world.queues.queue('r').spec.isImplicit).toBeUndefined()
  world.queues.queue().detach(consumer)
  world.queues.advance(60_000)
  expect(world.queues.queues.find('/', 'q')).toBeUndefined()
  expect(world.queues.queue('r').spec.user).toBe('guest')
})

test('a queue that expires is used when its list is', () => {
  const world = new ListWorld()
  world.declare({ expiresMs: 1000 })
  world.push('left', 'a b c d')
  for (const body of ['a', 'b', 'c']) {
    world.queues.advance(800)
    expect(world.pop('right')).toBe(body)
  }
  world.queues.advance(1001)
  expect(world.lists.find('/', 'q')).toBeUndefined()
})

test('something else may have the name of a list that is empty', () => {
  const world = new ListWorld()
  world.push('left', 'a')
  world.lists.vacate('/', 'q')
  expect(world.all()).toBe('a')
  world.pop('left')
  world.lists.vacate('/', 'q')
  expect(world.queues.queues.find('/', 'q')).toBeUndefined()
  expect(world.queues.topics.find('/', 'q')).toBeUndefined()
})

test('lists are renamed and copied with what is in them', () => {
  const world = new ListWorld()
  world.push('right', 'a b')
  world.push('left', 'z')
  world.lists.copy({ namespace: '/', name: 'q' }, { namespace: '/', name: 'copy' })
  world.lists.rename({ namespace: '/', name: 'q' }, { namespace: '/', name: 'other' })
  expect([world.all(), world.all('copy'), world.all('other')]).toEqual(['', 'z a b', 'z a b'])
  expect(world.queues.queue('other').head).toBe('left')
})

test('who wants to know hears what any protocol does', () => {
  const world = new ListWorld()
  const heard: string[] = []
  world.lists.onChanged((namespace, name) => heard.push(`changed ${namespace} ${name}`))
  world.lists.onReady((namespace, name) => heard.push(`ready ${namespace} ${name}`))
  const after = (what: () => void): string[] => {
    what()
    world.queues.settle()
    return [...new Set(heard.splice(0))]
  }
  const changed = ['changed / q']
  const both = ['changed / q', 'ready / q']
  expect(after(() => world.push('left', 'a'))).toEqual(both)
  expect(after(() => world.queues.publish('b'))).toEqual(both)
  expect(after(() => world.pop('left'))).toEqual(changed)
  const consumer = new TestConsumer('c', 1)
  expect(after(() => world.queues.queue().attach(consumer, consumer.options))).toEqual(changed)
  expect(after(() => consumer.settle(world.queues.queue(), requeue))).toEqual(both)
  world.queues.queue().detach(consumer)
  expect(after(() => world.queues.queue().settle(0, consumer.got[0]!.offset, accept))).toEqual([])
})

test('a stack keeps little of what came and went', () => {
  const world = new ListWorld()
  world.push('left', 'bottom')
  for (let round = 0; round < 200; round++) {
    for (let index = 0; index < 200; index++) world.push('left', `${index}`)
    for (let index = 199; index >= 0; index--) expect(world.pop('left')).toBe(`${index}`)
    world.queues.settle()
  }
  expect(world.all()).toBe('bottom')
  expect(world.queues.queues.snapshot().length).toBeLessThan(2000)
  world.queues.checkpoint()
  world.queues.crash()
  expect(world.pop('left')).toBe('bottom')
})
