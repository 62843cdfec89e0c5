import { assert } from '../lib/assert.ts'
import { Offset } from '../lib/brand.ts'
import type { Logger } from '../lib/logger.ts'
import { limits } from '../limits/limits.ts'
import { DiskError } from '../platform/disk.ts'
import type { Timers } from '../platform/platform.ts'
import { setBaseOffset, setLeaderEpoch, SummaryView } from './batch/index.ts'
import type { Catalogue } from './catalogue.ts'
import { type Chain, type ClosedSlot, SlotWriter } from './chain/index.ts'
import type { Machines } from './machines.ts'
import type { MemoryLane } from './memory-lane.ts'
import type { SlotRecords } from './slot-records.ts'
import {
  type Durability,
  type Log,
  type LogId,
  type LogPolicy,
  type Store,
  type StoreRefusal,
  StoreRefusedError,
} from './store.ts'
import { encodeStoreEvent, type StoreEvent } from './store-events.ts'
import type { StoredLog } from './stored-log.ts'
import { type Done, Waiters } from './waiters.ts'

const ROOM_RETRY_MS = 1000

export type StoreParts = {
  readonly chain: Chain
  readonly catalogue: Catalogue
  readonly machines: Machines
  readonly memory: MemoryLane
  readonly timers: Timers
  readonly logger: Logger
  readonly flushIntervalMs: number
  readonly tail: SlotRecords
  /** Nothing is written: all logs are as those whose durability is `memory`. */
  readonly isMemoryOnly: boolean
  /** The slot after the last one found at the start. */
  readonly next: number
}

/** What the store's own background work hangs on. */
export interface StoreHooks {
  /** A slot boundary: the state is that of all slots below `slot`. */
  closed(slot: number, bytes: number): void
  synced(slot: number): void
  /** Called before the chain is closed, when everything is synced; false if it could not be. */
  closing(isSafe: boolean): Promise<void>
}

/** The store over a chain that survives the process. */
export class LogStore implements Store {
  readonly #chain: Chain
  readonly #catalogue: Catalogue
  readonly #machines: Machines
  readonly #memory: MemoryLane
  readonly #timers: Timers
  readonly #logger: Logger
  readonly #writer: SlotWriter
  readonly #records: SlotRecords
  readonly #isMemoryOnly: boolean
  readonly #waiters = { sync: new Waiters(), async: new Waiters() }
  readonly #advancedListeners: ((logs: readonly Log[]) => void)[] = []
  readonly #closingListeners: (() => void)[] = []
  readonly #refusalListeners: ((refusal: StoreRefusal | null) => void)[] = []
  readonly #soon: (() => void)[] = []
  /** Of the batch that is being appended. */
  readonly #summary = new SummaryView()
  #refusal: StoreRefusal | null = null
  #hooks: StoreHooks | null = null

  constructor(parts: StoreParts) {
    this.#chain = parts.chain
    this.#catalogue = parts.catalogue
    this.#machines = parts.machines
    this.#memory = parts.memory
    this.#timers = parts.timers
    this.#logger = parts.logger
    this.#isMemoryOnly = parts.isMemoryOnly
    this.#records = parts.tail
    this.#writer = new SlotWriter({
      chain: parts.chain,
      timers: parts.timers,
      flushIntervalMs: parts.flushIntervalMs,
      next: parts.next,
      listener: {
        closing: () => this.#closing(),
        closed: slot => this.#closed(slot),
        written: slot => this.#written(slot),
        synced: slot => this.#synced(slot),
        failed: thrown => this.#failed(thrown),
        recovered: () => void this.#recovered(),
      },
    })
    this.#records.attach(this.#writer)
  }

  attach(hooks: StoreHooks): void {
    this.#hooks = hooks
  }

  get refusal(): StoreRefusal | null {
    return this.#refusal
  }

  get isWritten(): boolean {
    return this.#writer.isWritten
  }

  get unconfirmedBytes(): number {
    return this.#records.unconfirmedBytes
  }

  get syncedBelow(): number {
    return this.#writer.syncedBelow
  }

  log(id: LogId): StoredLog | undefined {
    return this.#catalogue.log(id)
  }

  logs(): Iterable<StoredLog> {
    return this.#catalogue.logs()
  }

  createLog(policy: LogPolicy): Log {
    this.#refuseIfNeeded()
    const id = this.#catalogue.nextLog
    this.record({ kind: 'log-created', log: id, policy })
    return this.#catalogue.log(id)!
  }

  setPolicy(id: LogId, policy: LogPolicy): void {
    const isMemory = this.#known(id).policy.durability === 'memory'
    const stays = isMemory === (policy.durability === 'memory')
    assert(stays, 'a log in memory stays there, and one on the disk too')
    this.record({ kind: 'policy-set', log: id, policy })
  }

  deleteLog(id: LogId): void {
    const log = this.#known(id)
    if (this.#isInMemory(log)) this.#memory.drop(log, log.endOffset)
    this.record({ kind: 'log-deleted', log: id })
  }

  truncateBefore(id: LogId, offset: Offset): void {
    const log = this.#known(id)
    assert(offset <= log.confirmedEnd, 'a log is truncated below what is confirmed')
    if (offset <= log.startOffset) return
    if (this.#isInMemory(log)) this.#memory.drop(log, offset)
    this.record({ kind: 'log-truncated', log: id, before: offset })
  }

  append(id: LogId, bytes: Buffer, start = 0, end = bytes.length): Offset {
    const log = this.#known(id)
    const baseOffset = log.endOffset
    const isMemory = this.#isInMemory(log)
    if (!isMemory) this.#refuseIfNeeded()
    setBaseOffset(bytes, baseOffset, start)
    setLeaderEpoch(bytes, 0, start)
    const summary = this.#summary
    summary.read(bytes, start)
    assert(summary.sizeBytes === end - start, 'one whole batch is appended')
    if (isMemory) this.#memory.append(log, bytes, start, summary)
    else {
      const slot = this.#writer.forming
      log.push(summary, slot.number, slot.bodyPosition, null)
      slot.batch(id, bytes, start, summary)
      this.#records.touch(log, slot.number, summary.sizeBytes)
      if (log.policy.durability === 'sync') this.#writer.oweSync()
    }
    this.#machines.appended(id, summary)
    return baseOffset
  }

  journal(machine: string, event: Buffer): void {
    this.#refuseIfNeeded()
    this.journalRelief(machine, event)
  }

  journalApplied(machine: string, bytes: Buffer, start: number, end: number): void {
    this.#refuseIfNeeded()
    this.#writer.forming.machine(machine, bytes, start, end)
    this.#records.count(end - start)
  }

  journalRelief(machine: string, event: Buffer): void {
    this.#refuseReliefIfNeeded()
    this.#writer.forming.machine(machine, event)
    this.#records.count(event.length)
    this.#machines.evolve(machine, event)
  }

  /** Writes an event of the store itself. Those that free room are welcome on a full disk. */
  record(event: StoreEvent): void {
    this.#refuseReliefIfNeeded()
    this.#writer.forming.store(encodeStoreEvent(event))
    this.#catalogue.evolve(event)
  }

  whenConfirmed(durability: Durability, done: Done): void {
    if (durability === 'memory') return this.#later(() => done(null))
    // While the disk is full, what makes room is written and confirmed all the same.
    const refusal = this.#writer.isFailed ? this.#refusal : null
    if (refusal !== null && refusal.reason !== 'closing') return this.#later(() => done(refusal))
    const last = this.#writer.formingNumber - (this.#writer.isFormingEmpty ? 1 : 0)
    const { syncedBelow, writtenBelow } = this.#writer
    if (last < (durability === 'sync' ? syncedBelow : writtenBelow))
      return this.#later(() => done(null))
    this.#waiters[durability].add(last, done)
    if (durability === 'sync') this.#writer.wantSync()
    else this.#writer.hurry()
  }

  hurry(): void {
    if (!this.#writer.isFormingEmpty) this.#writer.hurryReaders()
  }

  /** For the store's own events, which are welcome on a full disk too. */
  whenRecorded(done: Done): void {
    this.#waiters.sync.add(this.#writer.formingNumber, done)
    this.#writer.wantSync()
  }

  get reliefRefusal(): StoreRefusal | null {
    const isShut = this.#writer.isFailed || this.#refusal?.reason === 'closing'
    return isShut ? this.#refusal : null
  }

  onAdvanced(listener: (logs: readonly Log[]) => void): void {
    this.#advancedListeners.push(listener)
    this.#memory.onAdvanced(listener)
  }

  onClosing(listener: () => void): void {
    this.#closingListeners.push(listener)
  }

  onRefusal(listener: (refusal: StoreRefusal | null) => void): void {
    this.#refusalListeners.push(listener)
  }

  /** From now on nothing is accepted; what was, is still written. */
  refuseAll(): void {
    if (this.#refusal?.reason === 'closing') return
    // What is kept back belongs to what is in the slot already: it is the last to be taken.
    if (!this.#writer.isFormingEmpty && !this.#writer.isFailed) this.#closing()
    this.#refuse({ reason: 'closing', message: 'the broker is stopping' })
  }

  async close(): Promise<void> {
    this.refuseAll()
    if (!this.#writer.isFailed) await this.#writer.finish()
    const isSafe = !this.#writer.isFailed
    this.#writer.stop()
    await this.#hooks?.closing(isSafe)
    await this.#chain.close()
  }

  #isInMemory(log: StoredLog): boolean {
    return this.#isMemoryOnly || log.policy.durability === 'memory'
  }

  #closing(): void {
    for (const listener of this.#closingListeners) listener()
  }

  #closed({ number, body, indexBytes }: ClosedSlot): void {
    this.#records.close(number, body)
    this.#hooks?.closed(number + 1, body.sizeBytes + indexBytes)
  }

  #written(slot: number): void {
    this.#memory.confirm() // First, since who waits for the slot may have appended to both.
    const before = this.#records.unconfirmedBytes
    this.#records.written(slot, logs => this.#tellAdvanced(logs))
    this.#tellOfRoom(before)
    this.#waiters.async.release(slot)
  }

  #synced(slot: number): void {
    const before = this.#records.unconfirmedBytes
    this.#records.synced(slot, logs => this.#tellAdvanced(logs))
    this.#tellOfRoom(before)
    this.#waiters.sync.release(slot)
    this.#hooks?.synced(slot)
  }

  #tellAdvanced(logs: readonly Log[]): void {
    for (const listener of this.#advancedListeners) listener(logs)
  }

  /** Producers that are slowed down wait for it, also where events alone had filled memory. */
  #tellOfRoom(before: number): void {
    const low = limits.unconfirmedBytesLow
    if (before > low && this.#records.unconfirmedBytes <= low) this.#tellAdvanced([])
  }

  #failed(thrown: unknown): void {
    const isFull = thrown instanceof DiskError && thrown.kind === 'full'
    const what = thrown instanceof Error ? thrown.message : String(thrown)
    const remedy = isFull
      ? 'Writes go on by themselves once there is room'
      : 'Writes go on by themselves once the disk works again'
    this.#logger.error({ error: what }, 'writes are refused: the log could not be written')
    const refusal: StoreRefusal = {
      reason: isFull ? 'disk-full' : 'io-error',
      message: `${what}. ${remedy}.`,
    }
    const isClosing = this.#refusal?.reason === 'closing'
    if (!isClosing) this.#refuse(refusal)
    this.#waiters.async.refuse(refusal)
    this.#waiters.sync.refuse(refusal)
  }

  /** What had failed is safe; whether more is welcome depends on the room that is left. */
  async #recovered(): Promise<void> {
    if (this.#refusal === null || this.#refusal.reason === 'closing') return
    const hasRoom = await this.#chain.makeRoom()
    if (this.#writer.isFailed) return // Failed again meanwhile: the next recovery asks again.
    if (!hasRoom) {
      this.#timers.after(ROOM_RETRY_MS, () => void this.#recovered())
      return
    }
    this.#logger.info({}, 'writes are welcome again')
    this.#refuse(null)
  }

  #refuse(refusal: StoreRefusal | null): void {
    this.#refusal = refusal
    for (const listener of this.#refusalListeners) listener(refusal)
  }

  #refuseIfNeeded(): void {
    if (this.#refusal !== null) throw new StoreRefusedError(this.#refusal)
  }

  #refuseReliefIfNeeded(): void {
    const refusal = this.reliefRefusal
    if (refusal !== null) throw new StoreRefusedError(refusal)
  }

  #known(id: LogId): StoredLog {
    const log = this.#catalogue.log(id)
    assert(log !== undefined, 'the log exists')
    return log
  }

  /** Between turns, all that became due in one. */
  #later(run: () => void): void {
    this.#soon.push(run)
    if (this.#soon.length > 1) return
    this.#timers.soon(() => {
      this.#memory.confirm()
      for (const due of this.#soon.splice(0)) due()
    })
  }
}
