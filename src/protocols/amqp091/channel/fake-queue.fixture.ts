import { BrokerError } from '../../../broker/errors.ts'
import type {
  Consumer,
  ConsumerOptions,
  Delivery,
  Settlement,
} from '../../../broker/queue/consumer.ts'
import { enqueued, type Queue, type QueueSpec, type Taker } from '../../../broker/queue/queue.ts'
import { specOf } from '../../../broker/queue/spec.fixture.ts'
import type { Topic } from '../../../broker/topic/index.ts'
import { Offset } from '../../../lib/brand.ts'
import type { Publication } from '../../../message/publication.ts'
import { StoredMessage } from '../../../message/stored-message.ts'

type Entry = { message: StoredMessage; count: number; failures: number }

/** For tests of channels: a queue that is a list, and keeps a record of what was asked of it. */
export class FakeQueue {
  readonly spec: QueueSpec
  readonly topic: Topic
  readonly settings = { isSingleActive: false, deliveryLimit: null as number | null, retry: null }
  isDeleted = false
  /** Like `accept 0..2` or `requeue 3`. */
  readonly settled: string[] = []
  /** What `enqueue` says. */
  answer: number = enqueued.taken
  /** Pulls wait until this is called. Null: they are answered at once. */
  isLoading = false
  readonly attached = new Map<Consumer, ConsumerOptions>()
  #ready: Entry[] = []
  #out = new Map<number, Entry>()
  #next = 0
  #waiting: Taker[] = []

  constructor(name: string, spec: Partial<QueueSpec> = {}) {
    this.spec = specOf(name, spec)
    // Channels look at its name only.
    this.topic = { name, namespace: '/' } as Topic
  }

  /** It has what channels use of a queue. */
  get queue(): Queue {
    return this as unknown as Queue
  }

  get readyCount(): number {
    return this.#ready.length
  }

  get unsettledCount(): number {
    return this.#out.size
  }

  enqueue(publication: Publication, change: (message: StoredMessage) => void = () => {}): number {
    if (this.answer !== enqueued.taken) return this.answer
    const message = stored(publication)
    message.offset = Offset(this.#next++)
    change(message)
    this.#ready.push({ message, count: 0, failures: 0 })
    return enqueued.taken
  }

  attach(consumer: Consumer, options: ConsumerOptions): void {
    const isTaken = [...this.attached.values()].some(({ isExclusive }) => isExclusive)
    if (isTaken || (options.isExclusive && this.attached.size > 0))
      throw new BrokerError('access-refused', 'in exclusive use')
    this.attached.set(consumer, options)
  }

  detach(consumer: Consumer): void {
    this.attached.delete(consumer)
  }

  wake(): void {}

  pull(taker: Taker): void {
    if (this.isLoading) this.#waiting.push(taker)
    else this.#give(taker)
  }

  loaded(): void {
    this.isLoading = false
    for (const taker of this.#waiting.splice(0)) this.#give(taker)
  }

  delete(): void {
    this.isDeleted = true
    for (const consumer of this.attached.keys()) consumer.cancelled('deleted')
    this.attached.clear()
  }

  /** Hands out to consumers in turn while any of them is ready. */
  dispatch(): void {
    for (let isBusy = true; isBusy && this.#ready.length > 0; ) {
      isBusy = false
      for (const [consumer, { isAutoAccepted }] of this.attached) {
        if (!consumer.isReady || this.#ready.length === 0) continue
        consumer.deliver(this.#take(isAutoAccepted))
        isBusy = true
      }
    }
  }

  settle(_lane: number, offset: Offset, settlement: Settlement): void {
    this.#settled(`${words(settlement)} ${offset}`)
    this.#end(offset, settlement)
  }

  settleRange(_lane: number, first: Offset, last: Offset, settlement: Settlement): void {
    this.#settled(`${words(settlement)} ${first}..${last}`)
    for (let offset: number = first; offset <= last; offset++) this.#end(offset, settlement)
  }

  #settled(line: string): void {
    this.settled.push(line)
  }

  #end(offset: number, settlement: Settlement): void {
    const entry = this.#out.get(offset)
    if (entry === undefined) throw new Error(`${offset} is settled twice`)
    this.#out.delete(offset)
    if (settlement.kind !== 'requeue') return
    const failures = entry.failures + (settlement.isCounted ? 1 : 0)
    this.#ready.push({ ...entry, count: entry.count + 1, failures })
    this.#ready.sort((one, other) => one.message.offset - other.message.offset)
  }

  #give(taker: Taker): void {
    if (this.#ready.length === 0) taker.empty()
    else taker.deliver(this.#take(taker.isAutoAccepted))
  }

  #take(isAutoAccepted: boolean): Delivery {
    const entry = this.#ready.shift()!
    const { message, count, failures } = entry
    if (!isAutoAccepted) this.#out.set(message.offset, entry)
    const readyCount = this.#ready.length
    const { offset } = message
    return { queue: this.queue, lane: 0, offset, count, failures, message, readyCount }
  }
}

function words(settlement: Settlement): string {
  if (settlement.kind !== 'requeue') return settlement.kind
  return settlement.isCounted ? 'requeue-counted' : 'requeue'
}

/** A view of a message as it would lie in a log. */
export function stored(publication: Publication): StoredMessage {
  const { address, addressStart, addressEnd, body, bodyStart, bodyEnd } = publication
  const { properties, propertiesStart, propertiesEnd } = publication
  const message = new StoredMessage()
  message.origin = publication.origin
  message.bytes = Buffer.concat([
    address.subarray(addressStart, addressEnd),
    properties.subarray(propertiesStart, propertiesEnd),
  ])
  message.addressEnd = message.propertiesStart = addressEnd - addressStart
  message.propertiesEnd = message.bytes.length
  message.body = Buffer.from(body.subarray(bodyStart, bodyEnd))
  message.bodyEnd = message.body.length
  message.ttlMs = publication.ttlMs
  message.priority = publication.priority
  return message
}
