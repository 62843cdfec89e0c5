import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type ListenOptions, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lendReads } from './lent-reads.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-lent-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

class Reader {
  readonly socket: Socket
  readonly memory = new Set<ArrayBufferLike>()
  isEnded = false
  text = ''

  constructor(accepted: Socket) {
    const lending = lendReads(accepted, bytes => {
      this.memory.add(bytes.buffer)
      this.text += bytes.toString()
    })
    expect(lending).not.toBeNull()
    this.socket = lending!
    this.socket.on('end', () => void (this.isEnded = true))
  }
}

/** A server whose sockets are lent what they read, with as many clients. */
async function serve(where: ListenOptions, count: number) {
  const readers: Reader[] = []
  const server = createServer({ pauseOnConnect: true }, socket => readers.push(new Reader(socket)))
  await new Promise<void>(resolve => {
    server.listen(where, resolve)
  })
  const address = server.address()
  const to = typeof address === 'string' ? { path: address } : { port: address!.port }
  const clients: Socket[] = []
  for (let index = 0; index < count; index++) {
    const client = connect({ host: '127.0.0.1', ...to })
    await new Promise(resolve => client.once('connect', resolve))
    clients.push(client)
    await expect.poll(() => readers.length).toBe(index + 1)
  }
  return { server, clients, readers }
}

test.each([
  ['TCP', () => ({ host: '127.0.0.1', port: 0 })],
  ['a Unix socket', () => ({ path: join(folder, 'socket') })],
])('lent reads over %s: all in one memory, paused and ended like others', async (_, where) => {
  const { server, clients, readers } = await serve(where(), 2)
  const [one, other] = readers as [Reader, Reader]
  clients[0]!.write('one')
  await expect.poll(() => one.text).toBe('one')
  clients[1]!.write('other')
  await expect.poll(() => other.text).toBe('other')
  expect([...other.memory]).toEqual([...one.memory])

  one.socket.pause()
  clients[0]!.write(' more')
  await sleep(50)
  expect(one.text).toBe('one')
  one.socket.resume()
  await expect.poll(() => one.text).toBe('one more')

  const answers: string[] = []
  clients[0]!.on('data', bytes => answers.push(bytes.toString()))
  one.socket.write('answer')
  await expect.poll(() => answers.join('')).toBe('answer')
  clients[0]!.end(' last')
  await expect.poll(() => one.isEnded).toBe(true)
  expect(one.text).toBe('one more last')

  let isClosed = false
  server.close(() => (isClosed = true))
  clients[1]!.destroy()
  await expect.poll(() => isClosed).toBe(true) // It counts sockets of ours as its own.
})

test('lent reads: much more than the memory holds arrives whole, by several at once', async () => {
  const { server, clients, readers } = await serve({ host: '127.0.0.1', port: 0 }, 3)
  const texts = ['a', 'b', 'c'].map(letter => letter.repeat(1_000_000))
  for (const [index, client] of clients.entries()) client.end(texts[index]!)
  for (const [index, reader] of readers.entries()) {
    await expect.poll(() => reader.isEnded, { timeout: 10_000 }).toBe(true)
    expect(reader.text === texts[index]).toBe(true)
  }
  server.close()
})
