import type { Broker } from '../../broker/broker.ts'
import type { Millis } from '../../lib/brand.ts'
import { limits } from '../../limits/limits.ts'
import { FetchSessions } from './fetch/fetch-sessions.ts'
import { ReadableBatches } from './fetch/readable-batches.ts'
import { handlers } from './handlers/index.ts'
import { Blocks } from '../../lib/blocks.ts'
import { DiskGate } from '../disk-gate.ts'

export type ServedApi = {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

/** So often what was not used meanwhile is let go of. */
const TRIM_MS = 10_000

/** What all connections of the protocol share. */
export class Services {
  readonly broker: Broker
  readonly fetchSessions: FetchSessions
  readonly diskGate: DiskGate
  readonly frameBlocks = new Blocks(limits.freeFrameBytesMax)
  readonly answerBlocks = new Blocks(limits.freeAnswerBytesMax)
  /** Makes records of messages that came with other protocols. */
  readonly readable: ReadableBatches
  /** In order of their keys. */
  readonly served: readonly ServedApi[]
  #connectionCount = 0
  #trimDue = 0

  constructor(broker: Broker) {
    this.broker = broker
    const { random, store } = broker.runtime
    this.fetchSessions = new FetchSessions({ randomInt: end => Math.floor(random.next() * end) })
    this.diskGate = new DiskGate(store)
    this.readable = new ReadableBatches(broker.mappings)
    this.served = handlers
      .map(({ api, versions: [minVersion, maxVersion] }) => {
        return { apiKey: api.key, minVersion, maxVersion }
      })
      .toSorted((one, other) => one.apiKey - other.apiKey)
  }

  connected(): void {
    this.#connectionCount++
  }

  disconnected(): void {
    this.#connectionCount--
    if (this.#connectionCount > 0) return
    this.frameBlocks.clear() // Nobody is left to call `tick`.
    this.answerBlocks.clear()
  }

  /** Each connection calls it about once a second. */
  tick(now: Millis): void {
    if (now < this.#trimDue) return
    this.#trimDue = now + TRIM_MS
    this.frameBlocks.trim()
    this.answerBlocks.trim()
  }

  /**
   * What one fetch is answered with at most, whatever the client allows: the less, the more there
   * are that may be answered at once, so that memory for all of them is used again.
   */
  get fetchBytesMax(): number {
    const share = Math.floor(limits.freeAnswerBytesMax / this.#connectionCount)
    return Math.max(limits.fetchBytesMin, Math.min(limits.fetchBytesMax, share))
  }
}
