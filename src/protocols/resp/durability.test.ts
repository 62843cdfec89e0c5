import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type RespClient, RespLoopback } from '../../../test/resp/loopback.ts'
import { diskFull, SlowDisk } from '../../../test/resp/slow-disk.ts'

let disk: SlowDisk
let world: RespLoopback
let client: RespClient

beforeEach(async () => {
  disk = new SlowDisk()
  world = await RespLoopback.open({ resp: { appendFsync: 'always' }, openStore: disk.openStore })
  client = world.client()
  await settle() // What the first start writes is confirmed.
})

afterEach(async () => {
  disk.refusal = null
  const closing = world.broker.close()
  disk.confirm()
  await closing
})

/** To the end of the turn, and of what it causes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await nextTurn()
}

test('always: a change is answered when the disk has it', async () => {
  client.send('SET', 'k', 'v')
  await settle()
  expect(client.inbox).toEqual([])
  disk.confirm()
  expect(client.inbox).toEqual(['+OK'])
})

test('always: replies keep their order, and what is read waits for what was written', async () => {
  const other = world.client()
  client.pipeline(['PING'], ['SET', 'k', 'v'], ['GET', 'k'])
  other.send('GET', 'k')
  await settle()
  expect([client.inbox, other.inbox]).toEqual([['+PONG'], []])
  client.send('PING')
  await settle()
  expect(client.inbox).toEqual(['+PONG'])
  disk.confirm()
  expect([client.inbox, other.inbox]).toEqual([['+PONG', '+OK', 'v', '+PONG'], ['v']])
})

test('always: those of a turn wait together', async () => {
  const clients = Array.from({ length: 10 }, () => world.client())
  for (const [index, each] of clients.entries()) each.send('SET', `k${index}`, 'v')
  await settle()
  expect(disk.waiting).toBe(1)
  disk.confirm()
  for (const each of clients) expect(each.inbox).toEqual(['+OK'])
})

test('always: who is served by another waits, too', async () => {
  client.send('BLPOP', 'l', '0')
  await settle()
  disk.confirm()
  const other = world.client()
  other.send('RPUSH', 'l', 'a')
  await settle()
  expect([client.inbox, other.inbox]).toEqual([[], []])
  disk.confirm()
  expect([client.inbox, other.inbox]).toEqual([[['l', 'a']], [1]])
})

test('always: when nothing was changed, nobody waits', async () => {
  expect(client.ask('GET', 'k')).toBe(null)
  await settle()
  expect(disk.waiting).toBe(0)
})

test('always: what may be lost is never said to be done', async () => {
  client.send('SET', 'k', 'v')
  await settle()
  disk.confirm(diskFull)
  expect([client.inbox, client.isEnded]).toEqual([[], true])
})

test('always: QUIT ends the connection after what is held', async () => {
  client.pipeline(['SET', 'k', 'v'], ['QUIT'])
  await settle()
  expect([client.inbox, client.isEnded]).toEqual([[], false])
  disk.confirm()
  expect([client.inbox, client.isEnded]).toEqual([['+OK', '+OK'], true])
})

test('everysec: a reply waits until the system has what it says, and no longer', async () => {
  const written = new SlowDisk()
  const kept = await RespLoopback.open({
    settings: { dataFolder: '/nowhere' },
    resp: { appendFsync: 'everysec' },
    openStore: written.openStore,
  })
  const [writer, reader] = [kept.client(), kept.client()]
  await settle()
  written.confirm()
  writer.send('SET', 'k', 'v')
  reader.send('GET', 'k')
  await settle()
  expect([written.awaited, writer.inbox, reader.inbox]).toEqual(['async', [], []])
  written.confirm()
  expect([writer.inbox.splice(0), reader.inbox.splice(0)]).toEqual([['+OK'], ['v']])
  expect(reader.ask('GET', 'k')).toBe('v')

  writer.send('SET', 'k', 'w')
  await settle()
  written.refusal = diskFull
  expect(reader.ask('GET', 'k')).toBe('w') // Nothing can be written: reading does not wait for it.
  written.confirm(diskFull)
  expect([writer.inbox, writer.isEnded]).toEqual([[], true])
  written.refusal = null
  const closing = kept.broker.close()
  written.confirm()
  await closing
})

test('no: replies go out at once, and CONFIG SET changes that', async () => {
  const { services } = world
  services.durability.policy = 'no'
  expect(client.ask('SET', 'k', 'v')).toBe('+OK')
  expect(client.ask('CONFIG', 'SET', 'appendfsync', 'always')).toBe('+OK')
  client.send('SET', 'k', 'w')
  expect(client.inbox).toEqual([])
  await settle()
  disk.confirm()
  expect(client.inbox).toEqual(['+OK'])
})

test('a full disk: writes are refused, reads are not, and what makes room is welcome', () => {
  world.services.durability.policy = 'everysec'
  client.ask('SET', 'k', 'v')
  disk.refusal = diskFull
  const refused = '-MISCONF Errors writing to the AOF file: No space left on device'
  expect(client.ask('SET', 'k', 'w')).toBe(refused)
  expect(client.ask('PING')).toBe(refused)
  expect(client.ask('GET', 'k')).toBe('v')
  expect(client.ask('MULTI')).toBe('+OK')
  expect(client.ask('SET', 'k', 'w')).toBe(refused)
  expect(client.ask('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.')
})

test('low on memory: what needs more is refused', () => {
  world.services.durability.policy = 'everysec'
  client.ask('SET', 'k', 'v')
  world.broker.alarms.set('memory', 'low')
  expect(client.ask('SET', 'k', 'w')).toBe(
    "-OOM command not allowed when used memory > 'maxmemory'.",
  )
  expect(client.ask('DEL', 'k')).toBe(1)
  world.broker.alarms.set('memory', null)
})
