import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../../test/clients/brokers.ts'
import { reachable } from '../reachable.ts'

/** A server that was started for a run, alone on the machine. */
export type Peer = {
  readonly port: number
  /** Resident megabytes, now. */
  memory(): number
  stop(): Promise<void>
}

const redis = ['redis-server', '--maxclients', '20000', '--save', '']
const sabir = [process.execPath, 'bin/sabir.js', 'start']

const commands = {
  /** Answers at once, as with appendfsync everysec; everything is written. */
  sabir: (folder, port) => [
    ...sabir,
    ...['--data', folder, '--listeners', `resp://127.0.0.1:${port}`],
  ],
  'sabir-always': (folder, port) => [
    ...[...sabir, '--data', folder, '--listeners', `resp://127.0.0.1:${port}`],
    ...['--resp-appendfsync', 'always'],
  ],
  /** Keeps everything in memory and writes nothing. */
  redis: (folder, port) => [...redis, '--dir', folder, '--port', String(port)],
  'redis-everysec': (folder, port) => [
    ...[...redis, '--dir', folder, '--port', String(port)],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec'],
  ],
  'redis-always': (folder, port) => [
    ...[...redis, '--dir', folder, '--port', String(port)],
    ...['--appendonly', 'yes', '--appendfsync', 'always'],
  ],
} satisfies Record<string, (folder: string, port: number) => string[]>

export type PeerName = keyof typeof commands

export const peerNames = Object.keys(commands)

export const isPeer = (name: string): name is PeerName => Object.hasOwn(commands, name)

export async function startPeer(name: PeerName): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), `bench-${name}-`))
  const port = await freePort()
  const [program = '', ...options] = commands[name](folder, port)
  const child = spawn(program, options, { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
  await reachable(port, child)
  return {
    port,
    memory: () => memory(child.pid!),
    stop: async () => {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function memory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}
