import { setImmediate as nextTurn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { poisonWhatIsGivenBack } from '../../src/lib/given-back.ts'
import { amqp091Targets } from './amqp091.ts'
import { disqueTargets } from './disque.ts'
import { kafkaTargets } from './kafka.ts'
import { respTargets } from './resp.ts'
import { turn, type Target } from './target.ts'

/**
 * npm run fuzz -- kafka|amqp091|resp|disque [--seconds 60] [--seed 1] [--runs 1]
 *
 * Turn n of a run has the seed `seed + n`, so a failure is replayed with its seed and `--runs 1`.
 */
const suites: Readonly<Record<string, readonly Target[]>> = {
  kafka: kafkaTargets,
  amqp091: amqp091Targets,
  resp: respTargets,
  disque: disqueTargets,
}

/** One input of a few kilobytes may cost no more. */
const TURN_MS_MAX = 2000
const MEMORY_BYTES_MAX = 1024 ** 3
const TURNS_BETWEEN_LOOKS = 1000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: 'Infinity' },
  },
})

poisonWhatIsGivenBack()

async function fuzz(name: string, targets: readonly Target[]): Promise<void> {
  const firstSeed = Number(values.seed)
  const runs = Number(values.runs)
  const started = performance.now()
  const endsAt = started + Number(values.seconds) * 1000
  let slowestMs = 0
  let memoryBytes = 0
  let turns = 0
  for (let now = started; now < endsAt && turns < runs; turns++) {
    const seed = firstSeed + turns
    turn(targets, seed)
    const then = now
    now = performance.now()
    slowestMs = Math.max(slowestMs, now - then)
    if (now - then > TURN_MS_MAX) throw new Error(`seed ${seed} took ${now - then} ms`)
    if (turns % TURNS_BETWEEN_LOOKS !== 0) continue
    await nextTurn() // Native codecs give their buffers back between two turns of the event loop.
    memoryBytes = Math.max(memoryBytes, process.memoryUsage.rss())
    if (memoryBytes > MEMORY_BYTES_MAX) throw new Error(`${memoryBytes} bytes of memory`)
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const mebibytes = Math.round(memoryBytes / 1024 ** 2)
  process.stdout.write(
    `${name}: ${turns} inputs in ${seconds} s, the slowest ${slowestMs.toFixed(1)} ms, ` +
      `at most ${mebibytes} MiB, last seed ${firstSeed + turns - 1}\n`,
  )
}

const [name = ''] = positionals
const targets = suites[name]
if (targets === undefined) {
  process.stderr.write(`What shall be fuzzed? One of: ${Object.keys(suites).join(', ')}\n`)
  process.exit(2)
}
try {
  await fuzz(name, targets)
} catch (error) {
  process.stderr.write(`${(error as Error).stack}\n`)
  const cause = (error as Error).cause
  if (cause instanceof Error) process.stderr.write(`${cause.stack}\n`)
  process.exit(1)
}
