import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Outcome } from '../../harness/suite.ts'
import { encode } from '../../../test/resp/socket.ts'
import type { Settings } from './settings.ts'
import { repeated, Wire, withEmptied } from './wire.ts'

/** Different keys, fields and members of the commands that are not about one list or stream. */
const NAMES_MAX = 100_000
/** Fewer of large values: in memory on both sides. */
const VALUES_BYTES_MAX = 512 * 1024 * 1024
const namesOf = ({ bodyBytes }: Settings): number =>
  Math.min(NAMES_MAX, Math.floor(VALUES_BYTES_MAX / bodyBytes))
/** What redis-benchmark puts a number of twelve digits in the place of. */
const RANDOM = '__rand_int__'
const nameOf = (index: number): string => String(index).padStart(12, '0')
/** One of many keys, or the one. */
const among = (name: string, { keys }: Settings): string => (keys > 1 ? `${name}:${RANDOM}` : name)

/** What each command is called with. */
const words: Readonly<Record<string, (body: string, settings: Settings) => readonly string[]>> = {
  PUBLISH: body => ['PUBLISH', 'channel', body],
  LPUSH: (body, settings) => ['LPUSH', among('list', settings), body],
  RPOP: () => ['RPOP', 'list'],
  XADD: (body, settings) => ['XADD', among('stream', settings), '*', 'field', body],
  SET: body => ['SET', `key:${RANDOM}`, body],
  GET: () => ['GET', `key:${RANDOM}`],
  INCR: () => ['INCR', `counter:${RANDOM}`],
  HSET: body => ['HSET', 'hash', `field:${RANDOM}`, body],
  ZADD: () => ['ZADD', 'zset', '1', `member:${RANDOM}`],
}

/** Commands whose body is kept: what the disk gets can be compared with it. */
const keepers = new Set(['LPUSH', 'XADD', 'SET', 'HSET'])

export const benchmarkCommands: readonly string[] = Object.keys(words)

const run = promisify(execFile)
/** Long enough to know the rate by, short enough not to matter. */
const TRIAL_SHARE = 0.1
const TRIAL_REQUESTS = 5000
const TRIAL_BYTES_MAX = 256 * 1024 * 1024
/** What is longer is no argument for a program. */
const ARGUMENT_BYTES_MAX = 64 * 1024

/** An empty server, with what is read: elements for RPOP, keys for GET. */
export function prepareRedisBenchmark(settings: Settings): Promise<void> {
  const { port, command, seconds, pipeline } = settings
  const body = 'x'.repeat(settings.bodyBytes)
  return withEmptied(port, async wire => {
    if (command === 'RPOP') await fillList(wire, body, seconds * (pipeline > 1 ? 1e6 : 1.5e5))
    if (command !== 'GET') return
    const count = namesOf(settings)
    const perCommand = fillWords(body)
    for (let index = 0; index < count; index += perCommand) {
      const names = Array.from({ length: perCommand }, (_, one) => `key:${nameOf(index + one)}`)
      await wire.ask('MSET', ...names.flatMap(name => [name, body]))
    }
  })
}

/** Redis' own load program, for about `seconds`: so many requests as short trials promise. */
export async function runRedisBenchmark(settings: Settings): Promise<Outcome> {
  const { port, command, pipeline, seconds } = settings
  const call = words[command]?.('x'.repeat(settings.bodyBytes), settings)
  if (call === undefined) throw new Error(`no "${command}": ${benchmarkCommands.join(', ')}`)
  const most = command === 'RPOP' ? await lengthOfList(port) : Number.POSITIVE_INFINITY
  const trial = Math.min(
    TRIAL_REQUESTS * Math.min(pipeline, 4),
    Math.ceil(TRIAL_BYTES_MAX / settings.bodyBytes),
  )
  const promised = await rateOf(settings, call, trial)
  // Again, for longer: what was just started is slower than what is warm.
  const warmUp = Math.ceil(Math.min(promised * seconds * TRIAL_SHARE, most / 10))
  const warm = await rateOf(settings, call, warmUp)
  const requests = Math.ceil(Math.min(warm * seconds, most * 0.8))
  const rate = await rateOf(settings, call, requests)
  const messages = requests + warmUp + trial
  const keeps = keepers.has(command)
  return {
    figures: { rate },
    messages,
    ...(keeps ? { payloadBytes: messages * settings.bodyBytes } : {}),
  }
}

async function lengthOfList(port: number): Promise<number> {
  const wire = await Wire.open(port)
  const reply = await wire.ask('LLEN', 'list')
  wire.close()
  return reply.kind === 'integer' ? Number(reply.text) : 0
}

const FILL_WORDS_MAX = 1000
const FILL_BYTES = 1e6
/** How often a body is in one command that fills. */
const fillWords = (body: string): number =>
  Math.max(1, Math.min(FILL_WORDS_MAX, Math.floor(FILL_BYTES / body.length)))

const FILLED_BYTES_MAX = 1e9

async function fillList(wire: Wire, body: string, wanted: number): Promise<void> {
  const count = Math.min(wanted, FILLED_BYTES_MAX / body.length)
  const perCommand = fillWords(body)
  const push = encode(['LPUSH', 'list', ...Array.from({ length: perCommand }, () => body)])
  const commands = Math.ceil(count / perCommand)
  for (let sent = wire.heardLines; sent < commands; ) {
    const some = Math.min(16, commands - sent)
    wire.write(repeated(push, some))
    sent += some
    while (wire.heardLines < sent) await new Promise(resolve => setTimeout(resolve, 1))
  }
}

async function rateOf(
  settings: Settings,
  call: readonly string[],
  requests: number,
): Promise<number> {
  const { port, connections, pipeline, keys } = settings
  const names = String(keys > 1 ? keys : namesOf(settings))
  const last = call.at(-1)!
  const isLong = last.length > ARGUMENT_BYTES_MAX
  const running = run('redis-benchmark', [
    ...['-p', String(port), '-n', String(Math.ceil(requests)), '-c', String(connections)],
    ...['-P', String(pipeline), '-r', names, '--csv', ...(isLong ? ['-x'] : [])],
    ...(isLong ? call.slice(0, -1) : call),
  ])
  running.child.stdin?.end(isLong ? last : '')
  const { stdout } = await running
  const rate = stdout
    .split('\n')
    .findLast(line => line.startsWith('"'))
    ?.split('","')[1]
  if (rate === undefined) throw new Error(`redis-benchmark says: ${stdout}`)
  return Math.round(Number(rate))
}
