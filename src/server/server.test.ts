import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { MalformedError } from '../lib/bytes/index.ts'
import type { Logger } from '../lib/logger.ts'
import { limits } from '../limits/limits.ts'
import { nodePlatform } from '../platform/index.ts'
import type { Connection, Peer, Protocol } from '../protocols/protocol.ts'
import { Server, StartError, type ListenerOptions, type ServerOptions } from './index.ts'

/** Answers what it gets; "!" is malformed, "?" a bug, "big" more than a slow peer takes. */
class Echo implements Connection {
  readonly peer: Peer
  drainedCount = 0
  isClosed = false
  isStopping = false

  constructor(peer: Peer) {
    this.peer = peer
  }

  receive(bytes: Buffer): void {
    const text = bytes.toString()
    if (text === '!') throw new MalformedError('an exclamation mark')
    if (text === '?') throw new TypeError('a bug')
    if (text === 'big') for (let i = 0; i < 40; i++) this.peer.egress.write(Buffer.alloc(1 << 20))
    else for (const byte of bytes) this.peer.egress.write(Buffer.from([byte]))
  }

  tick(): void {}
  drained(): void {
    this.drainedCount++
  }
  stopping(): void {
    this.isStopping = true
    this.peer.egress.end()
  }
  closed(): void {
    this.isClosed = true
  }
}

const lines: { facts: object; message: string }[] = []
const note = (facts: object, message: string): number => lines.push({ facts, message })
const logger: Logger = { debug() {}, info: note, warn: note, error: note }

const echoes: Echo[] = []
const protocolNamed = (name: string, first: string): Protocol => ({
  name,
  port: 0,
  tlsPort: null,
  detect: prefix =>
    prefix.length === 0 ? 'unsure' : prefix.toString().startsWith(first) ? 'yes' : 'no',
  connect: peer => {
    const echo = new Echo(peer)
    echoes.push(echo)
    return echo
  },
})

const servers: Server[] = []
async function open(
  listener: Partial<ListenerOptions> = {},
  options: Partial<ServerOptions> = {},
): Promise<Server> {
  const server = await Server.open({
    protocols: [protocolNamed('echo', 'e'), protocolNamed('other', 'o')],
    listeners: [
      {
        name: 'main',
        hosts: ['127.0.0.1', '::1'],
        port: 0,
        protocol: 'echo',
        tls: null,
        advertised: null,
        isDefaultPort: false,
        ...listener,
      },
    ],
    clock: nodePlatform.clock,
    timers: nodePlatform.timers,
    logger,
    ...options,
  })
  servers.push(server)
  return server
}

const dialTo = async (server: Server, host = '127.0.0.1'): Promise<Socket> => {
  const socket = connect(server.bound[0]!.port, host)
  await once(socket, 'connect')
  return socket
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close(0)))
  lines.length = 0
  echoes.length = 0
})

describe('server', () => {
  test('serves both loopback addresses at one port', async () => {
    const server = await open()
    for (const host of ['127.0.0.1', '::1']) {
      const socket = await dialTo(server, host)
      socket.write('hello')
      expect(String((await once(socket, 'data'))[0])).toBe('hello')
      socket.destroy()
    }
  })

  test('tells a connection who is there and where it came in', async () => {
    const server = await open({ advertised: { host: 'broker.example', port: 1 } })
    const socket = await dialTo(server)
    await expect.poll(() => echoes.length).toBe(1)
    const { peer } = echoes[0]!
    expect(peer.local).toEqual({ host: '127.0.0.1', port: server.bound[0]!.port })
    expect(peer.remote).toEqual({ host: '127.0.0.1', port: socket.localPort })
    expect(peer.listener).toEqual({
      name: 'main',
      advertised: { host: 'broker.example', port: 1 },
    })
    socket.destroy()
  })

  test.each([
    ['!', 'closed: the peer sent what it should not'],
    ['?', 'closed: a bug of the broker in this connection'],
  ])('closes the connection that sent "%s", with one line, and no other', async (text, message) => {
    const server = await open()
    const [bad, good] = [await dialTo(server), await dialTo(server)]
    bad.write(text)
    bad.resume()
    await once(bad, 'close')
    good.write('still here')
    expect(String((await once(good, 'data'))[0])).toBe('still here')
    expect(lines.map(line => line.message)).toEqual([message])
    good.destroy()
  })

  test('is congested while a peer does not read, and tells once when there is room', async () => {
    const server = await open()
    const socket = await dialTo(server)
    socket.pause()
    socket.write('big')
    await expect.poll(() => echoes[0]?.peer.egress.congested).toBe(true)
    expect(echoes[0]!.drainedCount).toBe(0)
    let bytes = 0
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    socket.resume()
    await expect.poll(() => bytes).toBe(40 << 20)
    expect(echoes[0]!.drainedCount).toBe(1)
    expect(echoes[0]!.peer.egress.congested).toBe(false)
    expect(40 << 20).toBeGreaterThan(limits.egressBytesHigh)
    socket.destroy()
  })

  test('tells when all that was written was taken, and never of a peer that is gone', async () => {
    const server = await open()
    const socket = await dialTo(server)
    socket.pause()
    await expect.poll(() => echoes.length).toBe(1)
    const { egress } = echoes[0]!.peer
    const told: string[] = []
    egress.write(Buffer.alloc(10))
    egress.whenTaken(() => told.push('small'))
    await expect.poll(() => told).toEqual(['small'])
    for (let index = 0; index < 40; index++) egress.write(Buffer.alloc(1 << 20))
    egress.write(Buffer.alloc(10))
    egress.whenTaken(() => told.push('large'))
    await expect.poll(() => egress.congested).toBe(true)
    expect(told).toEqual(['small'])
    let bytes = 0
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
    socket.resume()
    await expect.poll(() => told).toEqual(['small', 'large'])
    await expect.poll(() => bytes).toBe(10 + (40 << 20) + 10)
    egress.write(Buffer.alloc(40 << 20))
    egress.whenTaken(() => told.push('gone'))
    socket.destroy()
    await expect.poll(() => echoes[0]!.isClosed).toBe(true)
    egress.whenTaken(() => told.push('gone long ago'))
    expect(told).toEqual(['small', 'large'])
  })

  test('keeps small and large writes in order, whatever their number', async () => {
    const server = await open()
    const socket = await dialTo(server)
    await expect.poll(() => echoes.length).toBe(1)
    const sent: Buffer[] = []
    for (let index = 0; index < 3000; index++) {
      const piece = Buffer.alloc(index % 500 === 0 ? 5000 : 1 + (index % 97), index)
      sent.push(piece)
      echoes[0]!.peer.egress.write(piece)
    }
    echoes[0]!.peer.egress.end()
    const received: Buffer[] = []
    socket.on('data', (chunk: Buffer) => received.push(chunk))
    await once(socket, 'close')
    expect(Buffer.concat(received).equals(Buffer.concat(sent))).toBe(true)
  })

  test('turns away what is above the limit, and takes others when one left', async () => {
    const server = await open({}, { connectionsMax: 1 })
    const first = await dialTo(server)
    await expect.poll(() => server.connectionCount).toBe(1)
    const second = await dialTo(server)
    await once(second.resume(), 'close')
    first.destroy()
    await expect.poll(() => server.connectionCount).toBe(0)
    const third = await dialTo(server)
    third.write('welcome')
    expect(String((await once(third, 'data'))[0])).toBe('welcome')
    third.destroy()
  })

  test('stops gracefully: connections are told, finish, and are gone', async () => {
    const server = await open()
    const socket = await dialTo(server)
    await expect.poll(() => echoes.length).toBe(1)
    const ended = once(socket.resume(), 'close')
    await server.close(5000)
    await ended
    expect(echoes[0]).toMatchObject({ isStopping: true, isClosed: true })
    expect(server.connectionCount).toBe(0)
  })
})

describe('server: first bytes', () => {
  test.each([
    ['e', 'echo'],
    ['o', 'other'],
  ])('"%s" is recognised, and no byte is lost', async text => {
    const server = await open({ protocol: 'auto' })
    const socket = await dialTo(server)
    socket.write(text)
    expect(String((await once(socket, 'data'))[0])).toBe(text)
    socket.destroy()
  })

  test('what nobody recognises is sent away', async () => {
    const server = await open({ protocol: 'auto' })
    const socket = await dialTo(server)
    socket.write('x')
    await once(socket.resume(), 'close')
    expect(lines[0]?.facts).toMatchObject({ reason: expect.stringContaining('echo, other') })
  })
})

describe('server: ports that are taken', () => {
  const takePort = async (host: string) => {
    const other = createServer().listen(0, host)
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return { port, [Symbol.dispose]: () => void other.close() }
  }

  test.each(['127.0.0.1', '::1'])('a configured one on %s fails the start', async host => {
    using taken = await takePort(host)
    await expect(open({ port: taken.port })).rejects.toThrow(
      `listener "main" cannot listen on ${host} port ${taken.port}: another program has the port`,
    )
  })

  test.each(['127.0.0.1', '::1'])('a default one on %s is skipped on both', async host => {
    using taken = await takePort(host)
    const server = await open({ port: taken.port, isDefaultPort: true })
    expect(server.bound.map(({ port }) => port)).not.toContain(taken.port)
    expect(server.bound).toHaveLength(1)
    expect(lines[0]?.message).toMatch(/^skipped port \d+: another program has it.*--echo-port$/)
  })

  test('an unknown protocol fails the start and names those there are', async () => {
    await expect(open({ protocol: 'ecko' })).rejects.toThrow(StartError)
    await expect(open({ protocol: 'ecko' })).rejects.toThrow('There are: auto, echo, other')
  })
})
