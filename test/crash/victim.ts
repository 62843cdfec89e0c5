import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

type Ports = {
  readonly kafka: number
  readonly amqp091: number
  readonly resp: number
  readonly disque: number
}

/** A broker process that is killed and started again, on the same ports and one folder. */
export class Victim {
  readonly ports: Ports
  readonly folder: string
  /** What it is started with, besides its ports and its folder. */
  flags: readonly string[] = []
  /** The program that is started: the broker, or one with a bug. */
  program = process.env['TEST_PROGRAM'] ?? 'bin/sabir.js'
  readonly #logPath: string
  #child: ChildProcess | null = null

  static async inFolder(folder: string): Promise<Victim> {
    const [kafka, amqp091] = [await steadyPort(), await steadyPort()]
    const [resp, disque] = [await steadyPort(), await steadyPort()]
    return new Victim({ kafka, amqp091, resp, disque }, folder)
  }

  private constructor(ports: Ports, folder: string) {
    this.ports = ports
    this.folder = join(folder, 'data')
    this.#logPath = join(folder, 'log')
  }

  get address(): string {
    return `127.0.0.1:${this.ports.kafka}`
  }

  get log(): string {
    return readFileSync(this.#logPath, 'utf8')
  }

  /** Starts the process, without waiting for it. */
  spawn(): void {
    const { program } = this
    const { kafka, amqp091, resp, disque } = this.ports
    const ports = [
      ...['--kafka-port', String(kafka), '--amqp091-port', String(amqp091)],
      ...['--resp-port', String(resp), '--disque-port', String(disque)],
    ]
    const options = ['--data', this.folder, ...ports, ...this.flags]
    const output = openSync(this.#logPath, 'a')
    this.#child = spawn(process.execPath, [program, 'start', ...options], {
      stdio: ['ignore', output, output],
    })
    closeSync(output)
  }

  /** Resolves once the ports answer. */
  async ready(): Promise<void> {
    const ports = Object.values(this.ports)
    const deadline = performance.now() + 20_000
    while (!(await Promise.all(ports.map(port => this.#answers(port)))).every(Boolean)) {
      if (this.#child?.exitCode !== null) throw new Error(`it ended by itself: ${this.#tail}`)
      if (performance.now() > deadline) throw new Error(`it does not get ready: ${this.#tail}`)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }

  /** Kills it the way a power cut of the process does: nothing of it runs any more. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === null) return
    if (child.exitCode !== null) throw new Error(`it ended by itself: ${this.#tail}`)
    const gone = new Promise(resolve => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    this.#child = null
  }

  get #tail(): string {
    return this.log.slice(-2000)
  }

  #answers(port: number): Promise<boolean> {
    return new Promise(resolve => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', () => resolve(false))
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
    })
  }
}

/**
 * A free port that is none of those the system gives to outgoing connections: while the broker is
 * down, one of them could take it.
 */
async function steadyPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const isFree = await new Promise<boolean>(resolve => {
      const server = createServer().once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}
