import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  startPortMapper,
  rabbitmqEnvironment,
} from '../../../test/clients/amqp091/rabbitmq-environment.ts'
import { freePort } from '../../../test/clients/brokers.ts'
import { reachable } from '../reachable.ts'

/** A broker that was started for a run, alone on the machine. */
export type Peer = {
  readonly port: number
  /** Resident megabytes of the broker's processes, the highest seen by the system. */
  memoryPeak(): number
  stop(): Promise<void>
}

export async function startPeer(name: string): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), `bench-${name}-`))
  const port = await freePort()
  const child = name === 'sabir' ? startSabir(folder, port) : await startRabbit(folder, port)
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  await reachable(port, child)
  return {
    port,
    memoryPeak: () => memoryPeak(child.pid!),
    stop: async () => {
      process.kill(-child.pid!, 'SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function startSabir(folder: string, port: number): ChildProcess {
  const options = ['--data', folder, '--amqp091-port', String(port), '--kafka-port', '0']
  return spawn(process.execPath, ['bin/sabir.js', 'start', ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  })
}

/** Debian's package, with everything it writes in a folder of its own. */
async function startRabbit(folder: string, port: number): Promise<ChildProcess> {
  const env = await rabbitmqEnvironment(folder, `bench${port}`, port)
  const mapper = startPortMapper(env)
  const options = { stdio: 'ignore', detached: true, env } as const
  const child = spawn('/usr/lib/rabbitmq/bin/rabbitmq-server', options)
  child.once('exit', () => mapper.kill())
  return child
}

/** Of the process and its largest child: Erlang runs below a shell. */
function memoryPeak(pid: number): number {
  let peak = 0
  for (const one of [pid, ...childrenOf(pid)]) {
    try {
      const status = readFileSync(`/proc/${one}/status`, 'utf8')
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
    } catch {
      // It ended meanwhile.
    }
  }
  return Math.round(peak)
}

function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    const children = list === '' ? [] : list.split(' ').map(Number)
    return children.flatMap(child => [child, ...childrenOf(child)])
  } catch {
    return []
  }
}
