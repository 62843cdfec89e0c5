import { type EntryId, idMax, idMin } from '../../src/broker/entries/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import { openMemoryBroker } from './memory-broker.ts'

/**
 * What it costs to add entries of one field to a stream, and to read them, without protocol and
 * disk. Run with `npx tsx benchmarks/micro/entry-engine.ts`; one JSON line a case.
 */
const ENTRIES = 1_000_000
const PER_TURN = 800
const PER_READ = 100

const { clock } = nodePlatform
const broker = await openMemoryBroker()
const words = { bytes: Buffer.from('field0123456789abcdef'), starts: [0, 5], ends: [5, 21] }
const open = (name: string) => broker.entries.open('/', name)
const trim = { isApproximate: true, countMax: 10_000, references: 'keep' as const }

async function measure(
  what: string,
  entriesPerRun: number,
  run: () => void,
  entries = ENTRIES,
): Promise<void> {
  let spentMs = 0
  for (let done = 0; done < entries; ) {
    const start = clock.elapsed()
    for (let index = 0; index < PER_TURN; index += entriesPerRun) run()
    spentMs += clock.elapsed() - start
    done += PER_TURN
    await new Promise(resolve => setImmediate(resolve))
  }
  const perSecond = Math.round(entries / (spentMs / 1000))
  process.stdout.write(`${JSON.stringify({ what, perSecond })}\n`)
}

for (let round = 0; round < 2; round++) {
  await measure('add', 1, () => void open('all').add(words, 0, 2, null))
  await measure('add and trim', 1, () => {
    open('short').add(words, 0, 2, null)
    open('short').trim({ ...trim, keep: { count: 1000 } })
  })
  let from = idMin
  const last = (entry: EntryId): void => {
    from = { ms: entry.ms, seq: Number(entry.seq) + 1 }
  }
  await measure('range', PER_READ, () => {
    open('all').show(open('all').range(from, idMax, PER_READ), last)
  })
  const stream = open('all')
  stream.createGroup(`g${round}`, idMin, null)
  const group = stream.groups.get(`g${round}`)!
  const wanted = { countMax: PER_READ, isNoAck: false, claimIdleMs: null, now: clock.now() }
  await measure('read as a group, acknowledge', PER_READ, () => {
    const ids: EntryId[] = []
    const { fresh } = stream.read(group, 'anna', wanted)
    stream.show(fresh, ({ ms, seq }) => ids.push({ ms, seq }))
    stream.ack(group, ids)
  })
}
await broker.close()
