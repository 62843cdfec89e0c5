import type { Logger } from '../lib/logger.ts'
import { limits } from '../limits/limits.ts'
import type { Platform } from '../platform/platform.ts'
import { Catalogue } from './catalogue.ts'
import { MemoryChain } from './chain/index.ts'
import { LogReads } from './log-reads.ts'
import { LogStore } from './log-store.ts'
import { Machines } from './machines.ts'
import { MemoryLane } from './memory-lane.ts'
import { SlotRecords } from './slot-records.ts'
import type { StateMachine, Store } from './store.ts'

const RETENTION_PERIOD_MS = 10_000

export type MemoryStoreOptions = {
  readonly platform: Platform
  readonly machines: readonly StateMachine[]
  readonly logger: Logger
  /** What all logs may hold together; the oldest batches go first. */
  readonly memoryBytesMax?: number
}

/** A store that ends with its process: for tests, and for what need not survive. */
export function openMemoryStore(options: MemoryStoreOptions): Promise<Store> {
  const { clock, timers } = options.platform
  const reads = new LogReads(null, null)
  const catalogue = new Catalogue(reads)
  const bytesMax = options.memoryBytesMax ?? limits.memoryLogsBytesMax
  const memory = new MemoryLane({ clock, timers, logger: options.logger, bytesMax })
  const store = new LogStore({
    chain: new MemoryChain(),
    catalogue,
    machines: new Machines(options.machines),
    memory,
    timers,
    logger: options.logger,
    flushIntervalMs: limits.flushIntervalMs,
    tail: new SlotRecords(0),
    isMemoryOnly: true,
    next: 0,
  })
  const retention = timers.every(RETENTION_PERIOD_MS, () => memory.retain(catalogue.logs()))
  store.attach({
    closed() {},
    synced() {},
    closing: async () => retention.cancel(),
  })
  return Promise.resolve(store)
}
