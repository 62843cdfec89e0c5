import type { Offset } from '../../src/lib/brand.ts'
import { Publication } from '../../src/message/publication.ts'
import type { Broker } from '../../src/broker/broker.ts'
import {
  accept,
  type Consumer,
  type Queue,
  queueSettingsDefault,
} from '../../src/broker/queue/index.ts'
import { openMemoryBroker } from './memory-broker.ts'

/**
 * What it costs to publish, hand out and settle 16-byte messages without protocol and disk. Run
 * with `npx tsx benchmarks/micro/queue-engine.ts`; one JSON line a case. `perCpuSecond` does not
 * depend on what else the machine does.
 */
const MESSAGES = 2_000_000
const PER_TURN = 2000
const IN_FLIGHT_MAX = 20_000

type Case = {
  readonly queues: number
  readonly consumers: number
  readonly settled: 'each' | 'range'
}

/** Keeps what it is given until the next turn. */
class Sink implements Consumer {
  readonly name = 'sink'
  readonly sessionId = 1
  readonly isReady = true
  offsets: Offset[] = []
  deliver({ offset }: { readonly offset: Offset }): void {
    this.offsets.push(offset)
  }
  cancelled(): void {}

  settle(queue: Queue, settled: Case['settled']): number {
    const { offsets } = this
    if (offsets.length === 0) return 0
    this.offsets = []
    if (settled === 'range') queue.settleRange(0, offsets[0]!, offsets.at(-1)!, accept)
    else for (const offset of offsets) queue.settle(0, offset, accept)
    return offsets.length
  }
}

const publication = new Publication()
publication.addressTo('', 'queue')
publication.body = Buffer.alloc(16, 'x')
publication.bodyEnd = publication.body.length

function declare(broker: Broker, name: string): Queue {
  const spec = { namespace: '/', name, isDurable: true, isAutoDelete: false, owner: null }
  const rest = { user: '', declared: {}, type: 'classic' as const, source: null }
  return broker.queues.declare({ ...spec, ...rest }, queueSettingsDefault)
}

async function measure({ queues, consumers, settled }: Case): Promise<void> {
  const broker = await openMemoryBroker('memory')
  const served = Array.from({ length: queues }, (_, index) => {
    const queue = declare(broker, `queue-${index}`)
    const sinks = Array.from({ length: consumers }, () => new Sink())
    for (const sink of sinks)
      queue.attach(sink, { isAutoAccepted: false, isExclusive: false, priority: 0 })
    return { queue, sinks }
  })
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  let [sent, done] = [0, 0]
  while (done < MESSAGES) {
    for (let turn = 0; turn < PER_TURN && sent < MESSAGES && sent - done < IN_FLIGHT_MAX; turn++)
      served[sent++ % queues]!.queue.enqueue(publication)
    await new Promise(resolve => setImmediate(resolve))
    for (const { queue, sinks } of served)
      for (const sink of sinks) done += sink.settle(queue, settled)
  }
  const { user, system } = process.cpuUsage(cpu)
  const figures = {
    perSecond: Math.round((MESSAGES / (performance.now() - began)) * 1000),
    perCpuSecond: Math.round((MESSAGES / (user + system)) * 1e6),
  }
  process.stdout.write(`${JSON.stringify({ queues, consumers, settled, ...figures })}\n`)
  await broker.close()
}

for (const [queues, consumers, settled] of [
  [1, 1, 'range'],
  [1, 1, 'each'],
  [1, 20, 'each'],
  [1000, 1, 'each'],
] as const)
  await measure({ queues, consumers, settled })
