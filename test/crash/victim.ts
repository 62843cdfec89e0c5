import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

/** A broker process that is killed and started again, on one port and one folder. */
export class Victim {
  readonly port: number
  readonly folder: string
  readonly #logPath: string
  #child: ChildProcess | null = null

  constructor(port: number, folder: string) {
    this.port = port
    this.folder = join(folder, 'data')
    this.#logPath = join(folder, 'log')
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  get log(): string {
    return readFileSync(this.#logPath, 'utf8')
  }

  /** Starts the process, without waiting for it. */
  spawn(): void {
    const program = process.env['TEST_PROGRAM'] ?? 'bin/sabir.js'
    const options = ['--data', this.folder, '--kafka-port', String(this.port)]
    const output = openSync(this.#logPath, 'a')
    this.#child = spawn(process.execPath, [program, 'start', ...options], {
      stdio: ['ignore', output, output],
    })
    closeSync(output)
  }

  /** Resolves once the port answers. */
  async ready(): Promise<void> {
    const deadline = performance.now() + 20_000
    while (!(await this.#answers())) {
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

  #answers(): Promise<boolean> {
    return new Promise(resolve => {
      const socket = connect(this.port, '127.0.0.1')
      socket.once('error', () => resolve(false))
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
    })
  }
}
