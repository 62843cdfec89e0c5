import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openBroker } from '../../test/broker/memory-broker.ts'
import type { Broker } from '../broker/broker.ts'
import { amqp091 } from '../protocols/amqp091/index.ts'
import { type AdminContext, answer, type ProcessControl } from './index.ts'

let broker: Broker
let context: AdminContext
let isSuspended: boolean
beforeEach(async () => {
  broker = await openBroker()
  amqp091(broker) // Registers how its properties are written.
  isSuspended = false
  const process: ProcessControl = {
    suspend: async () => void (isSuspended = true),
    resume: async () => void (isSuspended = false),
    get isSuspended() {
      return isSuspended
    },
    stop() {},
    describe: () => ({ version: '1.2.3' }),
  }
  context = { broker, process }
})
afterEach(() => broker.close())

async function ask(name: string, args: object = {}): Promise<unknown> {
  const answered = await answer(context, name, args)
  if ('error' in answered) throw new Error(`${answered.error.kind}: ${answered.error.message}`)
  return answered.result
}

test.each<[string, object, string]>([
  ['no-such-thing', {}, 'unsupported: there is no operation "no-such-thing"'],
  ['delete-queue', {}, 'malformed: '],
  ['delete-queue', { name: 'q', more: 1 }, 'malformed: '],
  ['delete-queue', { name: 'q' }, "not-found: no queue 'q' in vhost '/'"],
  ['list-queues', { namespace: 'x' }, 'not-found: Virtual host x does not exist'],
  ['reset', {}, 'precondition-failed: suspend the broker first'],
  ['publish-messages', { exchange: 'x', bodies: ['aGk='] }, "not-found: no exchange 'x'"],
  ['set-memory-watermark', { fraction: -1 }, 'malformed: '],
  ['add-user', { name: 'guest' }, 'already-exists: User "guest" already exists'],
])('%s %j is refused', async (name, args, text) => {
  await expect(ask(name, args)).rejects.toThrow(text)
})

describe('messages', () => {
  const bodies = (texts: readonly string[]) =>
    texts.map(text => Buffer.from(text).toString('base64'))
  const shown = async (name: string, args: object): Promise<unknown[]> =>
    ((await ask(name, args)) as { body?: string; bodyBase64?: string }[]).map(
      message => message.body ?? message.bodyBase64,
    )

  test('what is kept by a get is in its place again, and redelivered', async () => {
    await ask('declare-queue', { name: 'q' })
    await ask('publish-messages', { routingKey: 'q', bodies: bodies(['a', 'b']) })
    expect(await shown('get-messages', { name: 'q', count: 1, isKept: true })).toEqual(['a'])
    const taken = await ask('get-messages', { name: 'q', count: 9, isKept: false })
    expect(taken).toMatchObject([
      { body: 'a', redelivered: true, routingKey: 'q', partition: 0, offset: 0 },
      { body: 'b', redelivered: false },
    ])
    expect(await ask('list-queues')).toMatchObject([{ messages: 0 }])
  })

  test('bytes that are no text are shown as base64', async () => {
    await ask('declare-queue', { name: 'q' })
    const binary = Buffer.of(0xff, 0x00).toString('base64')
    await ask('publish-messages', { routingKey: 'q', bodies: [binary], headers: { n: [1] } })
    const browsed = await ask('browse-messages', { name: 'q' })
    expect(browsed).toMatchObject([{ bodyBase64: binary, headers: { n: [1] }, bodyBytes: 2 }])
  })

  test('a browse ends where the log did, though nothing is settled or much is', async () => {
    await ask('declare-queue', { name: 'q', declared: { 'x-retention-ms': 1_000_000 } })
    expect(await shown('browse-messages', { name: 'q', count: 9 })).toEqual([])
    const many = Array.from({ length: 2000 }, (_, index) => `m${index}`)
    await ask('publish-messages', { routingKey: 'q', bodies: bodies(many) })
    await ask('get-messages', { name: 'q', count: 1999, isKept: false })
    expect(await shown('browse-messages', { name: 'q', count: 9 })).toEqual(['m1999'])
    const all = { name: 'q', count: 5000, isAll: true }
    expect(await shown('browse-messages', all)).toHaveLength(2000)
  })

  test('nothing takes what no binding matches, and a full queue refuses', async () => {
    const declared = { 'x-max-length': 1, 'x-overflow': 'reject-publish' }
    await ask('declare-queue', { name: 'q', declared })
    const lost = await ask('publish-messages', { routingKey: 'other', bodies: bodies(['a']) })
    expect(lost).toEqual({ published: 1, routed: 0 })
    await ask('publish-messages', { routingKey: 'q', bodies: bodies(['a']) })
    await expect(
      ask('publish-messages', { routingKey: 'q', bodies: bodies(['b']) }),
    ).rejects.toThrow('a queue refused the message')
  })
})

test('a reset leaves what the first start made, and nothing else', async () => {
  const before = await ask('export-definitions')
  await ask('add-namespace', { name: 'team' })
  await ask('alter-namespace', { name: 'team', isProtected: true })
  for (const namespace of ['/', 'team']) {
    await ask('declare-queue', { namespace, name: 'q' })
    await ask('declare-exchange', { namespace, name: 'e', type: 'topic' })
    await ask('bind', { namespace, source: 'e', destination: 'q', routingKey: '#' })
    await ask('set-policy', { namespace, name: 'p', pattern: '.*', definition: { expires: 1e6 } })
    await ask('set-parameter', { namespace, component: 'c', name: 'n', value: 1 })
  }
  await ask('set-global-parameter', { name: 'g', value: 1 })
  await ask('add-user', { name: 'ann', password: 'secret' })
  await ask('set-permission', { user: 'ann', configure: '', write: '.*', read: '.*' })
  await ask('suspend')
  await ask('reset')
  const after = (await ask('export-definitions')) as { users: object[] }
  expect(after.users).toMatchObject([{ name: 'guest', tags: ['administrator'] }])
  expect({ ...after, users: [] }).toEqual({ ...(before as object), users: [] })
  expect(await ask('authenticate-user', { name: 'guest', password: 'guest' })).toBe(null)
})
