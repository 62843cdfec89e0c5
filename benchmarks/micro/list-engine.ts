import { Element } from '../../src/broker/list/index.ts'
import { nodePlatform } from '../../src/platform/index.ts'
import { openMemoryBroker } from './memory-broker.ts'

/**
 * What it costs to push and pop elements of 16 bytes without protocol and disk. Run with
 * `npx tsx benchmarks/micro/list-engine.ts`; one JSON line a case.
 */
const ELEMENTS = 1_000_000
const PER_TURN = 800

const { clock } = nodePlatform
const broker = await openMemoryBroker()
const { lists } = broker
const body = Buffer.from('0123456789abcdef')
const element = new Element()

async function measure(what: string, count: number, run: () => void): Promise<void> {
  let spentMs = 0
  for (let done = 0; done < count; done += PER_TURN) {
    const start = clock.elapsed()
    for (let index = 0; index < PER_TURN; index++) run()
    spentMs += clock.elapsed() - start
    await new Promise(resolve => setImmediate(resolve))
  }
  const perSecond = Math.round(count / (spentMs / 1000))
  process.stdout.write(`${JSON.stringify({ what, perSecond })}\n`)
}

const push = (side: 'left' | 'right') => () => void lists.open('/', 'list').push(side, body)
const pop = (side: 'left' | 'right') => () => void lists.find('/', 'list')?.pop(side, element)

for (let round = 0; round < 2; round++) {
  await measure('push at the tail', ELEMENTS, push('left'))
  await measure('pop at the head', ELEMENTS, pop('right'))
  await measure('push at the tail again', ELEMENTS, push('left'))
  await measure('pop at the tail', ELEMENTS, pop('left'))
  push('left')()
  await measure('push at the head', ELEMENTS, push('right'))
  await measure('pop what was pushed at the head', ELEMENTS, pop('right'))
  pop('left')()
  await measure('push and pop in one turn', ELEMENTS / 10, () => {
    push('left')()
    pop('right')()
  })
}
await broker.close()
