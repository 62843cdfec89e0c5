import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Plain, RespClient, RespLoopback } from '../../../test/resp/loopback.ts'
import { diskFull, SlowDisk } from '../../../test/resp/slow-disk.ts'
import { limits } from '../../limits/limits.ts'
import type { Peer, Protocol } from '../protocol.ts'
import { disque } from './index.ts'

let disk: SlowDisk
let world: RespLoopback
let protocol: Protocol
let client: RespClient

beforeEach(async () => {
  disk = new SlowDisk()
  world = await RespLoopback.open({ openStore: disk.openStore })
  protocol = disque(world.broker)
  client = open()
  await settle() // What the first start writes is confirmed.
})

afterEach(async () => {
  disk.refusal = null
  const closing = world.broker.close()
  disk.confirm()
  await closing
})

const open = (peer: Partial<Peer> = {}): RespClient => new RespClient(protocol, peer)

/** To the end of the turn, and of what it causes. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await nextTurn()
}

/** Everything that came, when the disk has confirmed whatever it is asked for. */
async function replies(of = client): Promise<Plain[]> {
  for (let turn = 0; turn < 6; turn++) {
    await settle()
    disk.confirm()
  }
  return of.inbox.splice(0)
}

async function reply(...words: string[]): Promise<Plain> {
  client.send(...words)
  const [first, ...others] = await replies()
  expect(others).toEqual([])
  return first!
}

async function add(body: string, ...options: string[]): Promise<string> {
  const id = await reply('ADDJOB', 'q', body, '0', ...options)
  expect(id).toMatch(/^\+D-/)
  return String(id).slice(1)
}

const bodies = (jobs: Plain | undefined): unknown[] =>
  (jobs as string[][] | null)?.map(([, , body]) => body) ?? []

const isId: unknown = expect.stringMatching(/^\+D-[0-9a-f]{8}-.{24}-[0-9a-f]{4}$/)

test('ADDJOB is answered when the disk has the job, with ASYNC at once', async () => {
  client.send('ADDJOB', 'q', 'a', '0')
  await settle()
  expect(client.inbox).toEqual([])
  disk.confirm()
  expect(client.inbox.splice(0)).toEqual([isId])
  expect(client.ask('ADDJOB', 'q', 'b', '0', 'ASYNC')).toEqual(isId)
})

test('who is ahead of the disk waits until it caught up', async () => {
  let isPaused = false
  const pause = (): void => void (isPaused = true)
  const writer = open({ pause, resume: () => void (isPaused = false) })
  disk.isBehindBy(limits.unconfirmedBytesHigh + 1)
  writer.send('ADDJOB', 'q', 'a', '0', 'ASYNC')
  writer.send('ADDJOB', 'q', 'b', '0', 'ASYNC')
  await settle()
  expect([writer.inbox, isPaused]).toEqual([[], true])
  disk.isBehindBy(limits.unconfirmedBytesLow)
  await settle()
  expect([writer.inbox, isPaused]).toEqual([[isId, isId], false])
})

test('acknowledging is answered when the disk has it', async () => {
  for (const command of ['ACKJOB', 'FASTACK', 'DELJOB', 'NACK']) {
    const id = await add(command)
    expect(bodies(await reply('GETJOB', 'FROM', 'q'))).toEqual([command])
    client.send(command, id)
    await settle()
    expect(client.inbox).toEqual([])
    disk.confirm()
    expect(client.inbox.splice(0)).toEqual([1])
  }
})

test('what is delivered once only is handed out when the disk knows', async () => {
  await add('once', 'RETRY', '0')
  client.send('GETJOB', 'FROM', 'q')
  await settle()
  expect(client.inbox).toEqual([])
  disk.confirm()
  expect(bodies(client.inbox.shift())).toEqual(['once'])
  const other = open()
  other.send('GETJOB', 'FROM', 'q')
  await add('again', 'RETRY', '0')
  expect(bodies((await replies(other))[0])).toEqual(['again'])
})

test('a waiting client gets such a job when the disk has it, too', async () => {
  const other = open()
  other.send('GETJOB', 'FROM', 'q')
  client.send('ADDJOB', 'q', 'once', '0', 'RETRY', '0', 'ASYNC')
  await settle()
  expect(other.inbox).toEqual([])
  disk.confirm()
  await settle()
  disk.confirm()
  expect(bodies(other.inbox.shift())).toEqual(['once'])
})

test('a pipeline keeps its order while replies wait for the disk', async () => {
  client.pipeline(
    ['PING'],
    ['ADDJOB', 'q', 'a', '0'],
    ['QLEN', 'q'],
    ['GETJOB', 'FROM', 'q'],
    ['PING', 'x'],
  )
  await settle()
  expect(client.inbox.splice(0)).toEqual(['+PONG'])
  disk.confirm()
  const [id, length, jobs, pong] = client.inbox.splice(0)
  expect([id, length, bodies(jobs), pong]).toEqual([isId, 1, ['a'], 'x'])
})

test('a pipeline goes on when what it waits for is there, and others are not held up', async () => {
  client.pipeline(['GETJOB', 'FROM', 'q'], ['PING'])
  const other = open()
  expect(other.ask('PING')).toBe('+PONG')
  expect(client.inbox).toEqual([])
  other.send('ADDJOB', 'q', 'a', '0')
  expect(await replies(other)).toEqual([isId])
  const [jobs, pong] = await replies()
  expect([bodies(jobs), pong]).toEqual([['a'], '+PONG'])
})

test('a waiting client that goes away loses nothing', async () => {
  client.send('GETJOB', 'FROM', 'p', 'q')
  expect(world.broker.jobs.waitingCount('/', 'q')).toBe(1)
  client.close()
  expect(['p', 'q'].map(queue => world.broker.jobs.waitingCount('/', queue))).toEqual([0, 0])
  client = open()
  await add('a')
  expect(await reply('QLEN', 'q')).toBe(1)
})

test('a waiting client can be killed, and takes nothing afterwards', async () => {
  const other = open({ remote: { host: '127.0.0.1', port: 50_001 } })
  other.send('GETJOB', 'FROM', 'q')
  expect(String(await reply('CLIENT', 'LIST'))).toMatch(/:50001 .* flags=b .* cmd=getjob/)
  expect(await reply('CLIENT', 'KILL', '127.0.0.1:50001')).toBe('+OK')
  expect(other.isEnded).toBe(true)
  expect(world.broker.jobs.waitingCount('/', 'q')).toBe(0)
  await add('a')
  expect([await reply('QLEN', 'q'), await replies(other)]).toEqual([1, []])
})

test('those who wait are served in the order in which they came, each with one job', async () => {
  const waiting = Array.from({ length: 5000 }, () => open())
  for (const each of waiting) each.send('GETJOB', 'FROM', 'q', 'other')
  expect((await reply('QSTAT', 'q')) as unknown).toBe(null)
  client.pipeline(
    ...Array.from({ length: 5000 }, (_, index) => ['ADDJOB', 'q', `${index}`, '0', 'ASYNC']),
  )
  expect(await replies()).toHaveLength(5000)
  for (const [index, each] of waiting.entries()) expect(bodies(each.inbox[0])).toEqual([`${index}`])
  expect(world.broker.jobs.waitingCount('/', 'other')).toBe(0)
  expect(await reply('QLEN', 'q')).toBe(0)
})

test('with a timeout that no timer can hold, a client waits', async () => {
  client.send('GETJOB', 'TIMEOUT', '99999999999', 'FROM', 'q')
  expect(await replies()).toEqual([])
  const other = open()
  other.send('ADDJOB', 'q', 'a', '0', 'ASYNC')
  expect(bodies((await replies())[0])).toEqual(['a'])
})

test('where there is a password, nothing is done before it is given', async () => {
  expect(await reply('AUTH', 'x')).toBe('-ERR Client sent AUTH, but no password is set')
  world.broker.access.add('default', 'secret', { tags: ['administrator'] })
  client = open()
  expect(await reply('ADDJOB', 'q', 'a', '0')).toBe('-NOAUTH Authentication required.')
  expect(await reply('HELLO')).toBe('-NOAUTH Authentication required.')
  expect(await reply('AUTH', 'wrong')).toBe('-ERR invalid password')
  client.pipeline(['AUTH', 'secret'], ['PING'])
  await expect.poll(() => client.inbox).toEqual(['+OK', '+PONG'])
})

test('a full disk: jobs are refused, and what is there can be taken and acknowledged', async () => {
  const id = await add('a')
  disk.refusal = diskFull
  expect(await reply('ADDJOB', 'q', 'b', '0')).toBe('-MISCONF no room')
  expect(await reply('ADDJOB', 'new', 'b', '0', 'ASYNC')).toBe('-MISCONF no room')
  expect([await reply('PING'), await reply('QLEN', 'q')]).toEqual(['+PONG', 1])
  expect(bodies(await reply('GETJOB', 'FROM', 'q'))).toEqual(['a'])
  disk.refusal = null
  expect(await reply('ACKJOB', id)).toBe(1)
})

test('what may be lost is never said to be done', async () => {
  client.send('ADDJOB', 'q', 'a', '0')
  await settle()
  disk.confirm(diskFull)
  expect([client.inbox, client.isEnded]).toEqual([[], true])
})

test('QUIT ends the connection after what is held', async () => {
  client.pipeline(['ADDJOB', 'q', 'a', '0'], ['QUIT'])
  await settle()
  expect([client.inbox, client.isEnded]).toEqual([[], false])
  disk.confirm()
  expect([client.inbox, client.isEnded]).toEqual([[isId, '+OK'], true])
})

test('a word that is too long is told, and ends the connection', () => {
  client.connection.receive(Buffer.from('*4\r\n$6\r\nADDJOB\r\n$1\r\nq\r\n$99999999999\r\n'))
  expect([client.inbox, client.isEnded]).toEqual([
    ['-ERR Protocol error: invalid bulk length'],
    true,
  ])
})

test('a waiting client that sends on is read only so far', async () => {
  client.send('GETJOB', 'FROM', 'q')
  const ping = Buffer.from('*1\r\n$4\r\nPING\r\n'.repeat(10_000))
  for (let read = 0; read < 2000 && !client.isPaused; read++) client.connection.receive(ping)
  expect(client.isPaused).toBe(true)
  const other = open()
  other.send('ADDJOB', 'q', 'a', '0', 'ASYNC')
  await settle()
  expect(client.isPaused).toBe(false)
  const [jobs, ...pongs] = client.inbox
  expect([bodies(jobs), pongs.every(pong => pong === '+PONG')]).toEqual([['a'], true])
})

test('MONITOR shows what others send, until its client goes away', async () => {
  const watching = open()
  expect(watching.ask('MONITOR')).toBe('+OK')
  const other = open({ remote: { host: '127.0.0.1', port: 50_001 } })
  other.send('QLEN', 'a "b"')
  expect(watching.inbox).toEqual([
    expect.stringMatching(/^\+\d+\.\d{6} \[0 127\.0\.0\.1:50001\] "QLEN" "a \\"b\\""$/),
  ])
  watching.close()
  watching.inbox.splice(0)
  other.send('PING')
  expect(watching.inbox).toEqual([])
})

test('what is looked at in one go is bounded, and a scan goes on behind it', async () => {
  const body = Buffer.alloc(8 * 1024 * 1024)
  for (let count = 0; count < 6; count++) client.send('ADDJOB', 'q', body, '0', 'ASYNC')
  expect(await replies()).toHaveLength(6)
  expect(await reply('QPEEK', 'q', '6')).toHaveLength(5)
  const [cursor, jobs] = (await reply('JSCAN', '0', 'BUSYLOOP', 'REPLY', 'all')) as Plain[]
  expect(jobs).toHaveLength(4)
  const [end, rest] = (await reply('JSCAN', String(cursor), 'BUSYLOOP', 'REPLY', 'all')) as Plain[]
  expect([end, (rest as Plain[]).length]).toEqual(['0', 2])
})
