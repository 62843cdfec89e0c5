import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { encoded, type Plain, type RespClient, RespLoopback } from '../../../test/resp/loopback.ts'
import { receiveLent } from '../lent-read.fixture.ts'

let world: RespLoopback
let client: RespClient

beforeEach(async () => {
  world = await RespLoopback.open()
  client = world.client()
})

afterEach(() => world.broker.close())

async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await nextTurn()
}

test('resp: replies come in the order of the commands', async () => {
  const commands = Array.from({ length: 500 }, (_, index) => ['ECHO', String(index)])
  client.pipeline(...commands)
  while (client.inbox.length < commands.length) await nextTurn()
  expect(client.inbox).toEqual(commands.map(([, word]) => word))
})

test('resp: lines that a person types', () => {
  receiveLent(client.connection, Buffer.from('ping\r\n\r\nECHO "a b"\nset k v\r\n'))
  expect(client.inbox).toEqual(['+PONG', 'a b', '+OK'])
})

test('resp: long words come back as they were sent', () => {
  const word = 'long'.repeat(5000)
  expect(client.ask('ECHO', word)).toBe(word)
  expect(client.ask('PING', word)).toBe(word)
  expect(client.ask('COMMAND', 'GETKEYS', 'GET', word)).toEqual([word])
  expect(client.ask('SET', 'key', word)).toBe('+OK')
  expect(client.ask('APPEND', 'key', word)).toBe(2 * word.length)
  expect(client.ask('RPUSH', 'list', word)).toBe(1)
  expect(client.ask('LRANGE', 'list', '0', '-1')).toEqual([word])
  expect(client.ask('GET', 'key')).toBe(word + word)
})

const conversation = [
  ['SET', 'k', 'v'],
  ['GET', 'k'],
  ['MULTI'],
  ['APPEND', 'k', 'x'.repeat(200)],
  ['STRLEN', 'k'],
  ['EXEC'],
  ['NO-SUCH', 'a\r\nb'],
  ['HELLO', '3'],
  ['CLIENT', 'GETNAME'],
  ['CLIENT', 'REPLY', 'SKIP'],
  ['PING'],
  ['DEL', 'k'],
]

test('resp: however a conversation is cut, the replies are the same', async () => {
  const bytes = Buffer.concat(conversation.map(encoded))
  const withoutId = (inbox: readonly Plain[]): Plain[] =>
    inbox.map(reply => (Array.isArray(reply) && reply[0] === 'server' ? 'hello' : reply))
  receiveLent(client.connection, Buffer.from(bytes))
  const whole = withoutId(client.inbox)
  expect(whole).toHaveLength(conversation.length - 2)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), async sizes => {
      const other = world.client()
      for (let at = 0, index = 0; at < bytes.length; index++) {
        const size = sizes[index % sizes.length]!
        receiveLent(other.connection, Buffer.from(bytes.subarray(at, at + size)))
        at += size
      }
      await settle()
      expect(withoutId(other.inbox)).toEqual(whole)
      other.close()
    }),
    { numRuns: 100 },
  )
})

test('resp: what is no command is answered, and ends the connection after what came before', () => {
  receiveLent(client.connection, Buffer.from('PING\r\n*1\r\n:1\r\nPING\r\n'))
  expect(client.inbox).toEqual(['+PONG', "-ERR Protocol error: expected '$', got ':'"])
  expect(client.isEnded).toBe(true)
  expect(world.services.clients.count).toBe(0)
})

test('resp: what a browser sends is not run', () => {
  receiveLent(client.connection, Buffer.from('POST / HTTP/1.1\r\nHost: x\r\n\r\nFLUSHALL\r\n'))
  expect([client.inbox, client.isEnded]).toEqual([[], true])
})

test('resp: QUIT is the last command', () => {
  client.pipeline(['QUIT'], ['PING'])
  expect(client.inbox).toEqual(['+OK'])
  expect(client.isEnded).toBe(true)
})

test('resp: a client that does not read is not answered, until it does', () => {
  client.egress.congested = true
  client.pipeline(['PING'], ['PING'])
  expect([client.inbox, client.isPaused]).toEqual([[], true])
  client.egress.congested = false
  client.connection.drained()
  expect([client.inbox, client.isPaused]).toEqual([['+PONG', '+PONG'], false])
})

test('resp: others have their turn while one sends more than can be done at once', async () => {
  let now = 0
  const busy = world.client({ now: () => now++ as never })
  busy.pipeline(...Array.from({ length: 1000 }, () => ['PING']))
  expect(busy.inbox.length).toBeLessThan(1000)
  expect(busy.isPaused).toBe(true)
  client.send('PING')
  expect(client.inbox).toEqual(['+PONG'])
  while (busy.inbox.length < 1000) await nextTurn()
  expect(busy.isPaused).toBe(false)
})

test('resp: CLIENT REPLY', () => {
  client.pipeline(
    ['CLIENT', 'REPLY', 'SKIP'],
    ['PING'],
    ['ECHO', 'a'],
    ['CLIENT', 'REPLY', 'OFF'],
    ['PING'],
    ['NO-SUCH'],
    ['CLIENT', 'REPLY', 'ON'],
    ['ECHO', 'b'],
  )
  expect(client.inbox).toEqual(['a', '+OK', 'b'])
})

test('resp: commands behind one that waits wait, too', async () => {
  client.pipeline(['BLPOP', 'l', '0'], ['PING'])
  expect(client.inbox).toEqual([])
  const other = world.client()
  other.send('RPUSH', 'l', 'a')
  expect(client.inbox).toEqual([['l', 'a']])
  await settle()
  expect(client.inbox).toEqual([['l', 'a'], '+PONG'])
})

test('resp: a client that waits is read from, up to a bound', async () => {
  client.send('BLPOP', 'l', '0')
  expect(client.isPaused).toBe(false)
  for (let index = 0; index < 20; index++) client.send('SET', 'k', 'x'.repeat(64 * 1024))
  expect(client.isPaused).toBe(true)
  world.client().send('RPUSH', 'l', 'a')
  await settle()
  expect(client.inbox).toEqual([['l', 'a'], ...Array.from({ length: 20 }, () => '+OK')])
  expect(client.isPaused).toBe(false)
})

test('resp: a bug of a command ends its connection and nobody else', () => {
  const { commands } = world.services
  const entry = commands.get('ping')! as { run: unknown }
  const { run } = entry
  entry.run = () => {
    throw new Error('a bug')
  }
  client.send('PING')
  entry.run = run
  expect([client.inbox, client.isEnded]).toEqual([[], true])
  expect(world.client().ask('PING')).toBe('+PONG')
})

test('resp: who is connected is among the sessions of the broker, and can be ended there', () => {
  const { sessions } = world.broker
  client.send('CLIENT', 'SETNAME', 'ann')
  const [session] = [...sessions.all()]
  expect(session!.describe()).toMatchObject({ user_provided_name: 'ann', protocol: 'RESP2' })
  expect(sessions.close('maintenance')).toBe(1)
  expect([client.isEnded, sessions.count]).toEqual([true, 0])
})

test('resp: tables of commands say it all', () => {
  const names = new Set<string>()
  for (const { command, name, subcommands } of world.services.commands.all()) {
    expect(names.has(name)).toBe(false)
    names.add(name)
    expect(name).toBe(name.toLowerCase())
    expect(Math.abs(command.arity)).toBeGreaterThan(name.includes('|') ? 1 : 0)
    expect(command.run !== undefined || subcommands !== null).toBe(true)
    expect(command.summary).toMatch(/\S$/)
    expect(command.since).toMatch(/^\d+\.\d+\.\d+$/)
  }
})
