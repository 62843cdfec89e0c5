import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RespClient, RespLoopback } from '../../../../test/resp/loopback.ts'

let world: RespLoopback
let client: RespClient
let other: RespClient

beforeEach(async () => {
  world = await RespLoopback.open()
  client = world.client()
  other = world.client()
})

afterEach(() => world.broker.close())

function exec(...commands: string[][]): unknown {
  client.ask('MULTI')
  for (const command of commands) expect(client.ask(...command)).toBe('+QUEUED')
  return client.ask('EXEC')
}

test('transactions: all replies in one, errors of single commands among them', () => {
  expect(exec(['SET', 'k', 'v'], ['INCR', 'k'], ['LPUSH', 'l', 'a'], ['GET', 'k'])).toEqual([
    '+OK',
    '-ERR value is not an integer or out of range',
    1,
    'v',
  ])
})

test('transactions: nobody comes between', () => {
  client.ask('MULTI')
  client.ask('SET', 'k', 'mine')
  other.ask('SET', 'k', 'theirs')
  expect(other.ask('GET', 'k')).toBe('theirs')
  client.ask('GET', 'k')
  expect(client.ask('EXEC')).toEqual(['+OK', 'mine'])
})

test('transactions: one that has a flaw is not run', () => {
  client.ask('MULTI')
  client.ask('SET', 'k', 'v')
  expect(client.ask('SET')).toBe("-ERR wrong number of arguments for 'set' command")
  expect(client.ask('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.')
  expect(client.ask('GET', 'k')).toBe(null)
  expect(client.ask('EXEC')).toBe('-ERR EXEC without MULTI')
})

test.each([
  ['a value', ['SET', 'k', 'v']],
  ['the end of a value', ['DEL', 'k']],
  ['its time to live', ['EXPIRE', 'k', '100']],
  ['everything', ['FLUSHALL']],
  ['a list', ['RPUSH', 'l', 'x']],
])('transactions: WATCH notices %s', (_, command) => {
  client.ask('SET', 'k', '1')
  client.ask('WATCH', 'k', 'l')
  other.ask(...command)
  expect(exec(['SET', 'k', 'mine'])).toBe(null)
  expect(exec(['SET', 'k', 'mine'])).toEqual(['+OK'])
})

test('transactions: WATCH does not notice what is read, or another database', () => {
  client.ask('WATCH', 'k')
  other.ask('GET', 'k')
  other.ask('SELECT', '1')
  other.ask('SET', 'k', 'v')
  expect(exec(['PING'])).toEqual(['+PONG'])
  client.ask('WATCH', 'k')
  client.ask('UNWATCH')
  other.ask('SELECT', '0')
  other.ask('SET', 'k', 'v')
  expect(exec(['PING'])).toEqual(['+PONG'])
})

test('transactions: what is watched is forgotten with the client', () => {
  client.ask('WATCH', 'k')
  client.close()
  expect(other.ask('SET', 'k', 'v')).toBe('+OK')
})

test('transactions: a command that would wait does not', () => {
  expect(exec(['BLPOP', 'l', '0'], ['PING'])).toEqual([null, '+PONG'])
})

test('transactions: what they change is in one slot of the log', () => {
  let flushed = 0
  const { turn } = world.broker
  const flush = turn.flush.bind(turn)
  turn.flush = () => {
    flushed++
    flush()
  }
  client.ask('MULTI')
  client.ask('RPUSH', 'l', 'a')
  client.ask('SET', 'k', 'v')
  flushed = 0
  client.ask('EXEC')
  expect(flushed).toBeGreaterThan(0)
})
