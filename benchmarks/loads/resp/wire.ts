import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from '../../../test/resp/socket.ts'
import { type Reply, ReplyReader } from '../../../test/resp/reply.ts'

const LINE_END = 0x0a

/** A connection that counts what comes: taking replies apart would cost more than sending them. */
export class Wire {
  heardBytes = 0
  heardLines = 0
  isClosed = false
  /** For what is to be looked at: called with each read. */
  heard: ((bytes: Buffer) => void) | null = null
  readonly #socket: Socket

  static async open(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new Wire(socket)
  }

  static openMany(port: number, count: number): Promise<Wire[]> {
    return Promise.all(Array.from({ length: count }, () => Wire.open(port)))
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.removeAllListeners('error')
    socket.on('error', () => {}) // The end tells.
    socket.on('close', () => (this.isClosed = true))
    socket.on('data', bytes => {
      this.heardBytes += bytes.length
      if (this.heard === null) this.heardLines += linesIn(bytes)
      else this.heard(bytes)
    })
  }

  write(bytes: Buffer): void {
    if (this.isClosed) throw new Error('the server closed a connection')
    this.#socket.write(bytes)
  }

  /** One command and its reply, when nothing else is on its way. Throws what is an error. */
  ask(...words: readonly (string | Buffer)[]): Promise<Reply> {
    const reader = new ReplyReader()
    return new Promise((resolve, reject) => {
      this.heard = bytes => {
        reader.push(bytes)
        const reply = reader.next()
        if (reply === undefined) return
        this.heard = null
        if (reply.kind === 'error') reject(new Error(reply.text))
        else resolve(reply)
      }
      this.write(encode(words))
    })
  }

  close(): void {
    this.#socket.destroy()
  }
}

function linesIn(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) count++
  return count
}

/** So many commands as one write. */
export const repeated = (command: Buffer, count: number): Buffer =>
  Buffer.allocUnsafe(count * command.length).fill(command)

/** An empty server, and one connection to it. */
export async function withEmptied<Result>(
  port: number,
  run: (wire: Wire) => Promise<Result>,
): Promise<Result> {
  const wire = await Wire.open(port)
  try {
    await wire.ask('FLUSHALL')
    return await run(wire)
  } finally {
    wire.close()
    await sleep(100) // Those who were closed are gone when the next one begins.
  }
}

const PATIENCE_MS = 1000

/** Whether PING is answered with PONG: a server that still loads says something else. */
export async function answersPing(port: number): Promise<boolean> {
  const wire = await Wire.open(port).catch(() => null)
  if (wire === null) return false
  const reply = wire.ask('PING').then(
    ({ kind }) => kind === 'simple',
    () => false,
  )
  const serves = await Promise.race([reply, sleep(PATIENCE_MS, false, { ref: false })])
  wire.close()
  return serves
}
