import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A broker in a process of its own, on a free loopback port and a folder that goes with it. */
export type RunningBroker = {
  readonly name: string
  readonly address: string
  readonly pid: () => number
  /** What it wrote to its log so far. */
  readonly log: () => string
  /** Stops it in good order and starts it again on the same port and data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export type Command = { readonly line: readonly string[]; readonly env?: NodeJS.ProcessEnv }

export type Launch = {
  readonly name: string
  command(port: number, folder: string): Command | Promise<Command>
  /** What must run beside it, is started before it, and ended after it. */
  companion?(folder: string): Command | Promise<Command>
}

const READY_MS_MAX = 60_000

/** The built Sabir, as a user would start it, with one protocol's listener. */
export const sabir = (protocol: 'kafka' | 'amqp091' | 'resp' | 'disque'): Launch => ({
  name: 'sabir',
  command: (port, folder) => {
    const program = process.env['TEST_PROGRAM'] ?? 'bin/sabir.js'
    const listeners = `${protocol}://127.0.0.1:${port}`
    return {
      line: [process.execPath, program, 'start', '--data', folder, '--listeners', listeners],
    }
  },
})

/** A broker that somebody else runs. */
export function runningAt(address: string): RunningBroker {
  const nothing = async (): Promise<void> => {}
  return { name: address, address, pid: () => 0, log: () => '', restart: nothing, stop: nothing }
}

/** Apache Kafka itself, one node: what the scenarios are measured against. */
export function apacheKafka(jarsFolder: string): Launch {
  return {
    name: 'apache kafka',
    command: (port, folder) => {
      const config = join(folder, 'server.properties')
      writeFileSync(config, kafkaConfig(port, join(folder, 'data')))
      const java = `java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '${jarsFolder}/*'`
      // Eligible leaders are a matter of replicas, which a single node has none of.
      const features = '--feature eligible.leader.replicas.version=0'
      const format = `${java} kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -g`
      const both = `${format} ${features} -c ${config} && exec ${java} kafka.Kafka ${config}`
      return { line: ['sh', '-c', both] }
    },
  }
}

export async function launch(kind: Launch): Promise<RunningBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'sabir-clients-'))
  const logPath = join(folder, 'log')
  const port = await freePort()
  const log = (): string => readFileSync(logPath, 'utf8')
  const run = ({ line: [program = '', ...options], env }: Command): ChildProcess => {
    const output = openSync(logPath, 'a')
    const child = spawn(program, options, {
      stdio: ['ignore', output, output],
      env: { ...process.env, ...env },
    })
    closeSync(output) // The program has its own.
    return child
  }
  const companion = kind.companion === undefined ? null : run(await kind.companion(folder))
  let child: ChildProcess | null = null
  const end = async (): Promise<void> => {
    if (child !== null) await ended(child)
  }
  const start = async (): Promise<void> => {
    child = run(await kind.command(port, folder))
    await ready(child, port, log)
  }
  const stop = async (): Promise<void> => {
    await end()
    if (companion !== null) await ended(companion)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    name: kind.name,
    address: `127.0.0.1:${port}`,
    pid: () => child?.pid ?? 0,
    log,
    restart: async () => {
      await end()
      await start()
    },
    stop,
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

async function ready(child: ChildProcess, port: number, log: () => string): Promise<void> {
  const deadline = performance.now() + READY_MS_MAX
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`the broker ended: ${log().slice(-2000)}`)
    if (performance.now() > deadline) throw new Error(`the broker is not ready: ${log()}`)
    await sleep(20)
  }
}

/** Does something take connections there? */
export function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('no port'))
      server.close(() => resolve(address.port))
    })
  })
}

/** The controller's port is the broker's plus one: both are free on a quiet machine. */
const kafkaConfig = (port: number, folder: string): string => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${port + 1}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${folder}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
group.initial.rebalance.delay.ms=0
`
