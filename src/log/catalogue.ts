import { assert, unreachable } from '../lib/assert.ts'
import type { Offset } from '../lib/brand.ts'
import { Shared } from '../lib/shared.ts'
import type { SegmentChange, SegmentRef } from './internals.ts'
import type { LogReads } from './log-reads.ts'
import { LogId, type LogPolicy, SlotNumber } from './store.ts'
import type { StoreEvent } from './store-events.ts'
import { StoredLog } from './stored-log.ts'

/**
 * Which logs there are and where their batches lie. Changes by events only, live as in recovery,
 * so that neither can drift from the other.
 */
export class Catalogue {
  readonly #logs = new Map<LogId, StoredLog>()
  readonly #reads: LogReads
  readonly #policies = new Shared<LogPolicy>()
  #nextLog = 1
  #segmentedBelow = SlotNumber(0)

  constructor(reads: LogReads) {
    this.#reads = reads
  }

  get nextLog(): LogId {
    return LogId(this.#nextLog)
  }

  get segmentedBelow(): SlotNumber {
    return this.#segmentedBelow
  }

  log(id: LogId): StoredLog | undefined {
    return this.#logs.get(id)
  }

  logs(): IterableIterator<StoredLog> {
    return this.#logs.values()
  }

  evolve(event: StoreEvent): void {
    switch (event.kind) {
      case 'log-created':
        this.#add(event.log, event.policy)
        break
      case 'policy-set':
        this.#known(event.log).policy = this.#policies.get(event.policy)
        break
      case 'log-deleted':
        this.#logs.delete(event.log)
        break
      case 'log-truncated':
        this.#logs.get(event.log)?.truncateBefore(event.before)
        break
      case 'segments-changed':
        this.#changeSegments(event.change)
        break
      default:
        unreachable(event)
    }
  }

  /** What a checkpoint said, before anything is replayed. */
  restore(state: {
    readonly nextLog: number
    readonly segmentedBelow: number
    readonly logs: Iterable<RestoredLog>
  }): void {
    this.#nextLog = state.nextLog
    this.#segmentedBelow = SlotNumber(state.segmentedBelow)
    for (const restored of state.logs) {
      const log = this.#add(restored.id, restored.policy)
      log.startOffset = restored.startOffset
      log.endOffset = restored.endOffset
      log.confirmedEnd = restored.endOffset
      if (restored.segments.length > 0) log.changeSegments(restored.segments, [])
    }
    this.#nextLog = state.nextLog
  }

  #add(id: LogId, policy: LogPolicy): StoredLog {
    assert(!this.#logs.has(id), 'the number of a log is never used again')
    const log = new StoredLog(id, this.#policies.get(policy), this.#reads)
    this.#logs.set(id, log)
    this.#nextLog = Math.max(this.#nextLog, id + 1)
    return log
  }

  #known(id: LogId): StoredLog {
    const log = this.#logs.get(id)
    assert(log !== undefined, 'the log exists')
    return log
  }

  #changeSegments(change: SegmentChange): void {
    const added = byLog(change.added)
    const removed = byLog(change.removed)
    for (const id of new Set([...added.keys(), ...removed.keys()])) {
      // Deleted while its segment was written: nobody will ask for it.
      this.#logs.get(id)?.changeSegments(added.get(id) ?? [], removed.get(id) ?? [])
    }
    if (change.segmentedBelow > this.#segmentedBelow) {
      this.#segmentedBelow = change.segmentedBelow
      for (const log of this.#logs.values()) log.segmented(change.segmentedBelow)
    }
    for (const id of removed.keys()) {
      const log = this.#logs.get(id)
      log?.truncateBefore(log.firstStored())
    }
  }
}

export type RestoredLog = {
  readonly id: LogId
  readonly policy: LogPolicy
  readonly startOffset: Offset
  readonly endOffset: Offset
  readonly segments: readonly SegmentRef[]
}

function byLog(refs: readonly SegmentRef[]): Map<LogId, SegmentRef[]> {
  const found = new Map<LogId, SegmentRef[]>()
  for (const ref of refs) {
    const list = found.get(ref.log)
    if (list === undefined) found.set(ref.log, [ref])
    else list.push(ref)
  }
  return found
}
