import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RespClient, RespLoopback } from '../../../../test/resp/loopback.ts'

let world: RespLoopback
let reader: RespClient
let writer: RespClient

beforeEach(async () => {
  world = await RespLoopback.open()
  reader = world.client()
  writer = world.client()
  reader.ask('HELLO', '3')
})

afterEach(() => world.broker.close())

const invalid = (...keys: string[]): unknown => ['invalidate', keys]

test('tracking: who read a key hears once that it changed', () => {
  reader.ask('CLIENT', 'TRACKING', 'ON')
  reader.ask('GET', 'k')
  writer.ask('SET', 'other', 'v')
  writer.ask('SET', 'k', 'v')
  writer.ask('SET', 'k', 'w')
  expect(reader.inbox).toEqual([invalid('k')])
})

test('tracking: what one changes oneself is told after the reply, or never with NOLOOP', () => {
  reader.ask('CLIENT', 'TRACKING', 'ON')
  reader.ask('GET', 'k')
  reader.send('SET', 'k', 'v')
  expect(reader.inbox.splice(0)).toEqual(['+OK', invalid('k')])
  reader.ask('CLIENT', 'TRACKING', 'ON', 'NOLOOP')
  reader.ask('GET', 'k')
  reader.send('SET', 'k', 'v')
  expect(reader.inbox).toEqual(['+OK'])
})

test('tracking: OPTIN tracks what was asked for', () => {
  reader.ask('CLIENT', 'TRACKING', 'ON', 'OPTIN')
  reader.ask('GET', 'a')
  reader.ask('CLIENT', 'CACHING', 'YES')
  reader.ask('GET', 'b')
  reader.ask('GET', 'c')
  for (const key of ['a', 'b', 'c']) writer.ask('SET', key, 'v')
  expect(reader.inbox).toEqual([invalid('b')])
})

test('tracking: BCAST tells of everything with a prefix', () => {
  reader.ask('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'a:')
  writer.ask('SET', 'a:1', 'v')
  writer.ask('SET', 'b:1', 'v')
  expect(reader.inbox).toEqual([invalid('a:1')])
})

test('tracking: a RESP2 client is told through another that is subscribed', () => {
  const listener = world.client()
  const id = listener.ask('CLIENT', 'ID')
  listener.send('SUBSCRIBE', '__redis__:invalidate')
  listener.inbox.splice(0)
  const client = world.client()
  expect(client.ask('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id))).toBe('+OK')
  client.ask('GET', 'k')
  writer.ask('DEL', 'k')
  writer.ask('SET', 'k', 'v')
  expect(listener.inbox).toEqual([['message', '__redis__:invalidate', ['k']]])
})

test('tracking: nothing is left of who is gone', () => {
  reader.ask('CLIENT', 'TRACKING', 'ON')
  reader.ask('GET', 'k')
  const { tracking } = world.services
  expect([tracking.clientCount, tracking.keyCount]).toEqual([1, 1])
  reader.close()
  expect([tracking.clientCount, tracking.keyCount]).toEqual([0, 0])
  expect(writer.ask('SET', 'k', 'v')).toBe('+OK')
})
