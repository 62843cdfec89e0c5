import type { Logger } from '../lib/logger.ts'
import { limits } from '../limits/limits.ts'
import type { Platform, Timer } from '../platform/platform.ts'
import { prepareZstd } from './batch/index.ts'
import { Catalogue } from './catalogue.ts'
import { ChainFiles, FileChain, NONCE_BYTES, tailAction } from './chain/index.ts'
import { Checkpointer, Checkpoints } from './checkpoint/index.ts'
import { LogReads } from './log-reads.ts'
import { LogStore } from './log-store.ts'
import { Machines } from './machines.ts'
import { MemoryLane } from './memory-lane.ts'
import { type Recovered, Recovery } from './recovery.ts'
import { StoreSegmentSource } from './segment-source.ts'
import { Segmenter, type SegmenterOptions, SegmentReader } from './segment/index.ts'
import { SlotRecords } from './slot-records.ts'
import type { StateMachine, Store } from './store.ts'

const MEMORY_RETENTION_PERIOD_MS = 10_000

export type FileStoreOptions = {
  readonly platform: Platform
  /** Made when it is not there. Absolute; only one process can have it open. */
  readonly folder: string
  readonly machines: readonly StateMachine[]
  readonly logger: Logger
  /** How long an `async` acknowledgement may be without a sync. */
  readonly flushIntervalMs?: number
  readonly tailBytesMax?: number
  readonly chainFileBytes?: number
  /** What is written until a checkpoint is due, unless that is larger. */
  readonly checkpointBytesMax?: number
  /** How long more than a few chain files that nobody needs are kept for later ones. */
  readonly sparesKeptMs?: number
  /** What all logs that live in memory only may hold together. */
  readonly memoryBytesMax?: number
  /** How often background work looks for something to do. */
  readonly segmentPeriodMs?: number
  /** When slots are rewritten to segments, as long as producers are busy. */
  readonly foldPace?: SegmenterOptions['foldPace']
  /** What becomes of a torn end. Tests plant bugs here, and see that they are found. */
  readonly decideTail?: typeof tailAction
}

/**
 * Opens a folder: finds what is there, cuts what a crash tore, and goes on from there. When that
 * fails, nothing stays open.
 */
export async function openFileStore(options: FileStoreOptions): Promise<Store> {
  const { platform, folder } = options
  const { disk } = platform
  await disk.makeFolder(folder)
  const lock = await disk.lock(folder)
  try {
    for (const name of ['chain', 'checkpoint', 'segment'])
      await disk.makeFolder(`${folder}/${name}`)
    await disk.syncFolder(folder)
    const parts = await openParts(options)
    const { store, chain, reader, memory, catalogue } = parts
    const segmenter = segmenterOf(parts, options)
    try {
      await segmenter.open()
    } catch (thrown) {
      await chain.close()
      await reader.close()
      throw thrown
    }
    segmenter.start()
    const retention = keepMemoryBounded(platform, memory, catalogue)
    // Only where zstd has neither native code nor Node's own does it take anything to be ready.
    platform.timers.soon(() => void prepareZstd())
    return closingWith(store, async close => {
      retention.cancel()
      await segmenter.close()
      await close()
      await reader.close()
      await lock.release()
    })
  } catch (thrown) {
    await lock.release()
    throw thrown
  }
}

type Parts = {
  readonly store: LogStore
  readonly chain: FileChain
  readonly source: StoreSegmentSource
  readonly reader: SegmentReader
  readonly memory: MemoryLane
  readonly catalogue: Catalogue
}

/** Recovers what is there, then puts the store together. */
async function openParts(options: FileStoreOptions): Promise<Parts> {
  const { platform, folder, logger } = options
  const { disk, timers, clock } = platform
  const reader = new SegmentReader(disk, `${folder}/segment`)
  const tail = new SlotRecords(options.tailBytesMax ?? limits.tailBytesMax)
  const reads = new LogReads(reader, tail)
  const catalogue = new Catalogue(reads)
  const machines = new Machines(options.machines)
  const checkpoints = new Checkpoints(disk, `${folder}/checkpoint`)
  await checkpoints.removeDrafts()
  const recovery = new Recovery({
    disk,
    folder: chainFolder(folder),
    catalogue,
    machines,
    logger,
    decide: options.decideTail ?? tailAction,
  })
  const found = await recovery.run(checkpoints)
  const chain = chainFrom(found, options)
  reads.attach(chain, found.next)
  const memory = new MemoryLane({
    clock,
    timers,
    logger,
    bytesMax: options.memoryBytesMax ?? limits.memoryLogsBytesMax,
  })
  const store = new LogStore({
    chain,
    catalogue,
    machines,
    memory,
    timers,
    logger,
    flushIntervalMs: options.flushIntervalMs ?? limits.flushIntervalMs,
    tail,
    isMemoryOnly: false,
    next: found.next,
  })
  const checkpointer = new Checkpointer({
    catalogue,
    machines,
    checkpoints,
    chain,
    clock,
    logger,
    bytesMax: options.checkpointBytesMax,
    ...found,
  })
  store.attach(checkpointer)
  const source = new StoreSegmentSource({ store, catalogue, chain, checkpointer })
  return { store, chain, source, reader, memory, catalogue }
}

const chainFolder = (folder: string): string => `${folder}/chain`

/** The chain, to be gone on with. */
function chainFrom(found: Recovered, options: FileStoreOptions): FileChain {
  const { platform, logger, sparesKeptMs } = options
  const incarnation = { epoch: found.epoch, nonce: platform.random.bytes(NONCE_BYTES) }
  const files = new ChainFiles({
    platform,
    folder: chainFolder(options.folder),
    incarnation,
    logger,
    fileBytes: options.chainFileBytes ?? limits.chainFileBytes,
    next: found.nextFile,
    spares: found.spares,
    sparesKeptMs,
    usedBytes: found.usedBytes,
    live: found.live,
  })
  return new FileChain({ platform, files, incarnation, logger, ...found })
}

function segmenterOf({ source, reader }: Parts, options: FileStoreOptions): Segmenter {
  const { platform, logger, segmentPeriodMs: periodMs, foldPace } = options
  const folder = `${options.folder}/segment`
  return new Segmenter({ platform, folder, source, reader, logger, periodMs, foldPace })
}

function keepMemoryBounded(platform: Platform, memory: MemoryLane, catalogue: Catalogue): Timer {
  return platform.timers.every(MEMORY_RETENTION_PERIOD_MS, () => {
    const logs = catalogue.logs()
    memory.retain([...logs].filter(log => log.policy.durability === 'memory'))
  })
}

/** The store, with more to do when it is closed. */
function closingWith(
  store: LogStore,
  close: (closeStore: () => Promise<void>) => Promise<void>,
): Store {
  const closeStore = store.close.bind(store)
  let closed: Promise<void> | null = null
  store.close = () => {
    store.refuseAll()
    closed ??= close(closeStore)
    return closed
  }
  return store
}
