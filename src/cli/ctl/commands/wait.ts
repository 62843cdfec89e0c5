import { readFileSync } from 'node:fs'
import { ArgumentError, type Call, type Command, CtlError, ctlExit } from '../command.ts'
import type { Facts } from '../report.ts'

const POLL_MS = 50
const WAIT_S = 10
const STARTUP_S = 300

export const commands: readonly Command[] = [
  {
    name: 'await_startup',
    usage: '',
    about: 'Waits until the broker takes clients',
    section: 'nodes',
    words: [0, 0],
    needs: 'nothing',
    run: async call => {
      await until(call, STARTUP_S, () => takesClients(call))
    },
  },
  {
    name: 'wait',
    usage: '[<pidfile>] [--pid|-P <pid>] [--timeout <timeout>]',
    about: 'Waits until the broker takes clients, as long as a process is there',
    section: 'nodes',
    words: [0, 1],
    switches: { pid: 'integer' },
    aliases: { P: 'pid' },
    needs: 'nothing',
    check({ args, options }) {
      const hasPid = options['pid'] !== undefined
      if (hasPid && args.length > 0)
        throw new ArgumentError('"Cannot specify both pid and pidfile"')
      if (!hasPid && args.length === 0) throw new ArgumentError('"No pid or pidfile specified"')
    },
    run: waitFor,
  },
]

async function waitFor(call: Call): Promise<void> {
  const { args, node, options } = call
  const isQuiet = options['quiet'] === true || options['silent'] === true
  const tell = (text: string): void => {
    if (!isQuiet) process.stdout.write(`${text}\n`)
  }
  let pid = options['pid'] as number | undefined // Its kind is integer.
  if (pid === undefined) {
    const file = args[0]!
    tell(`Waiting for pid file '${file}' to appear`)
    pid = await until(call, WAIT_S, async () => pidIn(file))
    tell(`pid is ${pid}`)
  }
  const id = pid
  tell(`Waiting for node '${node}' to take clients while OS process '${id}' is running`)
  await until(call, WAIT_S, () => {
    if (!isRunning(id)) throw new CtlError(ctlExit.unavailable, 'Error:\nprocess_not_running')
    return takesClients(call)
  })
  tell(`Node '${node}' takes clients`)
}

/** Null: not yet. */
async function until<Found>(
  { node, options }: Call,
  usualSeconds: number,
  look: () => Promise<Found | null>,
): Promise<Found> {
  const ms = Number(options['timeout'] ?? usualSeconds) * 1000
  for (let left = ms / POLL_MS; left >= 0; left--) {
    const found = await look()
    if (found !== null) return found
    await new Promise<void>(resolve => setTimeout(resolve, POLL_MS))
  }
  throw new CtlError(
    ctlExit.temporary,
    `Error: operation on node ${node} timed out. Timeout value used: ${ms}`,
  )
}

async function takesClients(call: Call): Promise<true | null> {
  try {
    const { isSuspended } = (await call.fresh('status')) as Facts
    return isSuspended ? null : true
  } catch {
    return null // It is not there yet.
  }
}

async function pidIn(file: string): Promise<number | null> {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim())
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}

/** Nothing is sent: a process that is gone cannot be asked for a signal. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
