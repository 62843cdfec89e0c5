import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../../test/clients/brokers.ts'
import { treeOf, usageOf } from './processes.ts'
import type { Side, SideCommand, Subject } from './side.ts'

const READY_MS_MAX = 120_000
const ASK_EVERY_MS = 2

/** Starts a side in a new folder below `parent`, which is to lie on the disk that is measured. */
export async function startSide(side: Side, parent: string = tmpdir()): Promise<Subject> {
  const folder = mkdtempSync(join(parent, `bench-${side.name}-`))
  const port = await freePort()
  const command = await side.command(port, folder)
  const [program, ...options] = command.before ?? []
  if (program !== undefined) {
    await promisify(execFile)(program, options, { env: { ...process.env, ...command.env } })
  }
  const companion = command.companion === undefined ? null : run(command.companion, command, folder)
  let running = await startProcess(command, port, folder)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = new Promise(resolve => running.child.once('exit', resolve))
    // What a shell started is to hear it as well, and before the shell is gone.
    for (const pid of treeOf(running.child.pid!).toReversed()) kill(pid, signal)
    await gone
  }
  return {
    side: side.name,
    port,
    folder,
    get readyMs() {
      return running.readyMs
    },
    pid: () => running.child.pid!,
    usage: () => usageOf(running.child.pid!),
    killAndRestart: async () => {
      await end('SIGKILL')
      running = await startProcess(command, port, folder)
    },
    stop: async () => {
      await end('SIGTERM')
      companion?.kill()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

type Running = { readonly child: ChildProcess; readonly readyMs: number }

async function startProcess(command: SideCommand, port: number, folder: string): Promise<Running> {
  const began = performance.now()
  const child = run(command.line, command, folder)
  const serves = command.serves ?? accepts
  while (!(await serves(port))) {
    if (child.exitCode !== null || performance.now() - began > READY_MS_MAX) {
      const log = readFileSync(join(folder, 'log.txt'), 'utf8').slice(-2000)
      throw new Error(`${command.line[0]} does not serve port ${port}: ${log}`)
    }
    await sleep(ASK_EVERY_MS)
  }
  return { child, readyMs: performance.now() - began }
}

function run(line: readonly string[], { env }: SideCommand, folder: string): ChildProcess {
  const [program = '', ...options] = line
  const log = openSync(join(folder, 'log.txt'), 'a')
  return spawn(program, options, { stdio: ['ignore', log, log], env: { ...process.env, ...env } })
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended meanwhile.
  }
}

export function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
