import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { accepts, freePort } from '../../test/clients/brokers.ts'
import { writtenBelow } from './disk.ts'
import { usageOf } from './processes.ts'
import {
  endProgram,
  hasEnded,
  newFolder,
  removeFolder,
  runProgram,
  startProgram,
} from './programs.ts'
import type { Side, SideCommand, Subject } from './side.ts'

const READY_MS_MAX = 120_000
const ASK_EVERY_MS = 2

/** Starts a side in a new folder below `parent`, which is to lie on the disk that is measured. */
export async function startSide(side: Side, parent: string = tmpdir()): Promise<Subject> {
  const folder = newFolder(parent, side.name)
  let companion: ChildProcess | null = null
  let server: Server | null = null
  const stop = async (): Promise<void> => {
    if (server !== null) await endProgram(server.child, 'SIGTERM')
    if (companion !== null) await endProgram(companion, 'SIGTERM')
    removeFolder(folder)
  }
  try {
    const port = await freePort()
    const command = await side.command(port, folder)
    if (command.before !== undefined) await runProgram(command.before, command.env)
    if (command.companion !== undefined)
      companion = startProgram(command.companion, command.env, folder)
    const running = new Server(command, port, folder)
    server = running
    await running.start()
    return {
      side: side.name,
      port,
      folder,
      get readyMs() {
        return running.readyMs
      },
      pid: () => running.child.pid!,
      usage: () => usageOf(running.child.pid!),
      writtenBytes: () => writtenBelow(folder),
      killAndRestart: async () => {
        await endProgram(running.child, 'SIGKILL')
        await running.start()
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

class Server {
  child!: ChildProcess
  readyMs = Number.NaN
  readonly #command: SideCommand
  readonly #port: number
  readonly #folder: string

  constructor(command: SideCommand, port: number, folder: string) {
    this.#command = command
    this.#port = port
    this.#folder = folder
  }

  async start(): Promise<void> {
    const { line, env, serves = accepts } = this.#command
    const began = performance.now()
    this.child = startProgram(line, env, this.#folder)
    while (!(await serves(this.#port))) {
      if (hasEnded(this.child) || performance.now() - began > READY_MS_MAX) {
        const log = readFileSync(join(this.#folder, 'log.txt'), 'utf8').slice(-2000)
        throw new Error(`${line[0]} does not serve port ${this.#port}: ${log}`)
      }
      await sleep(ASK_EVERY_MS)
    }
    this.readyMs = performance.now() - began
  }
}
