import { parseArgs } from 'node:util'
import { startBroker } from '../../../src/index.ts'
import { launch } from '../../clients/brokers.ts'
import { redisServer } from '../../clients/resp/redis-server.ts'
import { seeded } from '../../crash/rounds.ts'
import { documentedCommands } from '../compare/documented.ts'
import { isDeterministic } from '../compare/untold.ts'
import { Duel, showWords } from './duel.ts'
import { Sentences } from './words.ts'

/**
 * Random commands on redis-server and on Sabir; the first difference of each seed is made as short
 * as it gets, and printed.
 *
 *   npx tsx test/resp/random/run.ts [--seconds 60] [--seed 1] [--groups list,generic] [--most 10]
 *     --seeds    so many of them, however long that takes
 *     --address  in place of a broker in this process
 */

/** Commands whose answers differ without one of the servers being wrong. */
const withoutOneAnswer: Readonly<Record<string, string>> = {
  zrangebylex: 'unspecified where scores differ',
  zrevrangebylex: 'unspecified where scores differ',
  zlexcount: 'unspecified where scores differ',
  zremrangebylex: 'unspecified where scores differ',
  xautoclaim: 'makes the consumer, as newer versions do',
  xsetid: 'looks at deleted entries, as newer versions do',
  sort: 'the order of equal elements is open',
  sort_ro: 'the order of equal elements is open',
}
/** Keys that live for a few milliseconds are gone sooner on one server than on the other. */
const isTimed = (words: readonly (string | Buffer)[]): boolean =>
  words.some(word => /^(psetex|h?pexpire(at)?|px(at)?)$/i.test(word.toString()))
/** What depends on the time of a run is no difference: it has to show again and again. */
const REPLAYS = 3

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    groups: { type: 'string' },
    most: { type: 'string', default: '10' },
    length: { type: 'string', default: '60' },
    seeds: { type: 'string', default: 'Infinity' },
    address: { type: 'string' },
  },
})

async function main(): Promise<number> {
  const real = await launch(redisServer())
  await using broker = await startBroker({ storage: 'memory' })
  await using duel = await Duel.open(real.address, values.address ?? broker.url('resp'))
  const groups = values.groups?.split(',')
  const commands = (await documentedCommands(real.address)).filter(
    ({ name, group }) =>
      isDeterministic(name) &&
      withoutOneAnswer[name.toLowerCase()] === undefined &&
      (groups?.includes(group) ?? true),
  )
  const isCounted = Number.isFinite(Number(values.seeds))
  const deadline = isCounted ? Infinity : performance.now() + Number(values.seconds) * 1000
  const end = Number(values.seed) + Number(values.seeds)
  const seen = new Set<string>()
  let [played, seed] = [0, Number(values.seed)]
  try {
    for (; performance.now() < deadline && seed < end && seen.size < Number(values.most); seed++) {
      const random = seeded(seed * 7919)
      for (let warm = 0; warm < 8; warm++) random()
      const chosen = new Set(commands.map(({ group }) => group).filter(() => random() < 0.3))
      const some = commands.filter(({ group }) => chosen.has(group))
      const sentences = new Sentences(random, some.length === 0 ? commands : some)
      const sequence = Array.from({ length: Number(values.length) }, () => sentences.next())
      played += sequence.length
      if ((await duel.play(sequence)) === undefined) continue
      const short = await duel.minimised(sequence)
      let difference = await duel.play(short)
      for (let replay = 1; replay < REPLAYS && difference !== undefined; replay++)
        difference = await duel.play(short)
      if (difference === undefined || short.some(isTimed)) continue
      const last = short.at(-1)!
      const kind = `${last[0]} ${difference.real.slice(0, 12)} ${difference.ours.slice(0, 12)}`
      if (seen.has(kind)) continue
      seen.add(kind)
      console.log(`\nDIFFERENT, seed ${seed}:\n${short.map(showWords).join('\n')}`)
      console.log(`  redis-server: ${difference.real}\n  Sabir:        ${difference.ours}`)
    }
  } finally {
    await real.stop()
  }
  console.log(`${played} commands, seeds ${values.seed} to ${seed - 1}: ${seen.size} differences`)
  console.log(`${seen.size === 0 ? 1 : 0} passed, ${seen.size} failed`)
  return seen.size === 0 ? 0 : 1
}

process.exit(await main())
