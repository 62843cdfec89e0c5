import { assert, InvariantError } from '../../lib/assert.ts'
import { limits } from '../../limits/limits.ts'
import type { Timer, Timers } from '../../platform/platform.ts'
import type { Chain } from './chain.ts'
import { type ClosedSlot, FormingSlot, type Slabs } from './forming-slot.ts'
import { SlabPool } from './slabs.ts'
import type { SlotKind } from './slot-format.ts'

const RETRY_MS = 500

const bytesOf = (slot: ClosedSlot): number => slot.front.length + slot.body.sizeBytes

/** What the store does as slots advance. All of it runs between turns of the broker. */
export interface SlotListener {
  /** The slot may be closed now: what belongs into it is appended. */
  closing(): void
  /** The slot's contents are final; it is about to be written. */
  closed(slot: ClosedSlot): void
  /** The operating system has all slots below `slot`. */
  written(slot: number): void
  /** All slots below `slot` survive a power cut. */
  synced(slot: number): void
  /** A write or sync failed. Slots from `first` on are kept and will be written elsewhere. */
  failed(thrown: unknown, first: number): void
  /** What had failed is safe now. */
  recovered(): void
}

/**
 * Group commit. What is appended while a slot is written forms the next one. While somebody waits
 * no timer delays it: it is closed after the first turn of the event loop that brings nothing more,
 * a few turns later at most, so that many share the sync. What nobody waits for gathers a few
 * milliseconds after the slot before, since a slot costs as much as many commands. One slot is
 * written at a time, so of those that were synced none is torn.
 */
export class SlotWriter {
  readonly #chain: Chain
  readonly #timers: Timers
  readonly #listener: SlotListener
  readonly #flushIntervalMs: number
  readonly #slabs: Slabs = { fronts: new SlabPool(), bodies: new SlabPool() }
  #forming: FormingSlot
  /** Closed and not yet synced, oldest first. Their bytes are kept to be written again. */
  #unsynced: ClosedSlot[] = []
  /** Of `#unsynced`, how many were handed to the operating system. */
  #writtenCount = 0
  #unsyncedBytes = 0
  /** Somebody waits for a sync up to here (exclusive). */
  #syncWanted = 0
  /** Nobody does, but it is to come as soon as slots nobody waits for are written. */
  #syncOwed = 0
  /** It is time for a sync up to here (exclusive). */
  #syncDue = 0
  #isRunning = false
  #isSyncing = false
  #isSoon = false
  #joiningTurns = 0
  #joinedBytes = 0
  readonly #begin = (): void => {
    if (this.#isJoined()) return this.#timers.soon(this.#begin)
    this.#isSoon = false
    if (this.#isSyncing) this.#writeMeanwhile()
    else if (!this.#isRunning) void this.#run()
  }
  /** Somebody waits for what is there. */
  #isUrgent = false
  /** A slot was closed just now: what nobody waits for gathers. */
  #isGathering = false
  readonly #gathered = (): void => this.#gatheringOver()
  #isFailed = false
  #isStopped = false
  #isFlushDue: Timer | null = null
  #idle: (() => void)[] = []

  constructor(parts: {
    chain: Chain
    timers: Timers
    listener: SlotListener
    flushIntervalMs: number
    next: number
  }) {
    this.#chain = parts.chain
    this.#timers = parts.timers
    this.#listener = parts.listener
    this.#flushIntervalMs = parts.flushIntervalMs
    this.#forming = new FormingSlot(parts.next, this.#slabs)
  }

  /** The slot that takes what is appended in this turn. Whoever takes it writes to it. */
  get forming(): FormingSlot {
    if (this.#isGathering && this.#forming.sizeBytes > limits.gatheredBytesMax)
      this.#isUrgent = true
    this.#wake()
    return this.#forming
  }

  /** A batch of the slot that is being formed; null when it is not that one. */
  formingBatch(slot: number, position: number, sizeBytes: number): Buffer | null {
    return slot === this.#forming.number ? this.#forming.read(position, sizeBytes) : null
  }

  get formingNumber(): number {
    return this.#forming.number
  }

  get isFormingEmpty(): boolean {
    return this.#forming.isEmpty
  }

  get syncedBelow(): number {
    return this.#unsynced[0]?.number ?? this.#forming.number
  }

  /** Nothing is left to be handed to the operating system. */
  get isWritten(): boolean {
    return this.#forming.isEmpty && this.#writtenCount === this.#unsynced.length
  }

  get writtenBelow(): number {
    return this.#unsynced[this.#writtenCount]?.number ?? this.#forming.number
  }

  /** Everything appended so far is to be synced at once. */
  wantSync(): void {
    this.#syncWanted = this.#appendedBelow
    this.#syncDue = this.#syncWanted
    this.hurry()
  }

  /** The same, when what nobody waits for is written: not at the next flush interval only. */
  oweSync(): void {
    this.#syncOwed = this.#appendedBelow
    this.#wake()
  }

  /** Everything appended so far is to be written at once. */
  hurry(): void {
    if (!this.#isUrgent) this.#joinedBytes = this.#forming.sizeBytes
    this.#isUrgent = true
    this.#wake()
  }

  /** Readers wait for everything appended so far: for its sync, if that is when they see it. */
  hurryReaders(): void {
    if (this.#syncOwed > this.#forming.number) this.wantSync()
    else this.hurry()
  }

  /** Resolves once nothing is unsynced, or once that has failed. */
  drained(): Promise<void> {
    this.wantSync()
    return new Promise(resolve => {
      this.#idle.push(resolve)
      this.#wake()
    })
  }

  /** Writes what is there as the chain's last slot. */
  async finish(): Promise<void> {
    await this.drained()
    if (this.#isFailed) return
    assert(this.#forming.isEmpty, 'nothing is appended to a store that closes')
    this.#close('closed')
    await this.drained()
  }

  /** Nothing more is written, not even what had failed. */
  stop(): void {
    this.#isStopped = true
    this.#isFailed = true
    this.#isFlushDue?.cancel()
  }

  get isFailed(): boolean {
    return this.#isFailed
  }

  #wake(): void {
    if ((this.#isRunning && !this.#isSyncing) || this.#isSoon) return
    if (this.#isGathering && !this.#isUrgent && !this.#isSyncDue()) return
    this.#isSoon = true
    this.#joiningTurns = 0
    this.#timers.soon(this.#begin)
  }

  /** The turn brought more, that will share the sync: the next may, too. */
  #isJoined(): boolean {
    const isSyncWanted = this.#syncWanted > this.#forming.number
    if (!isSyncWanted || this.#isFailed || this.#forming.isEmpty) return false
    if (++this.#joiningTurns > limits.joiningTurnsMax) return false
    const before = this.#joinedBytes
    this.#listener.closing()
    this.#joinedBytes = this.#forming.sizeBytes
    return this.#joinedBytes > before && this.#joinedBytes < limits.joinedBytesMax
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (!this.#isFailed && this.#isWorkLeft()) {
      const isWrite = this.#writtenCount < this.#unsynced.length || !this.#forming.isEmpty
      await (isWrite ? this.#write() : this.#sync())
    }
    if (!this.#isWorkLeft()) this.#isUrgent = false
    this.#isRunning = false
    this.#flushLater()
    for (const done of this.#idle.splice(0)) done()
  }

  #isWorkLeft(): boolean {
    const isReady = !this.#forming.isEmpty && (this.#isUrgent || !this.#isGathering)
    return isReady || this.#writtenCount < this.#unsynced.length || this.#isSyncDue()
  }

  get #appendedBelow(): number {
    return this.#forming.number + (this.#forming.isEmpty ? 0 : 1)
  }

  #gatheringOver(): void {
    this.#isGathering = false
    if (this.#isFailed) return
    if (!this.#forming.isEmpty) return this.#wake()
    if (this.#syncOwed <= this.syncedBelow) return
    this.#gather()
    this.#wake()
  }

  /** What nobody waits for is synced now, and then not for a while. */
  #gather(): void {
    this.#isGathering = true
    this.#syncDue = Math.max(this.#syncDue, this.#syncOwed)
    this.#timers.after(limits.gatheringMs, this.#gathered)
  }

  async #write(): Promise<void> {
    if (this.#writtenCount === this.#unsynced.length) {
      this.#listener.closing()
      this.#close('data')
    }
    const slot = this.#unsynced[this.#writtenCount]!
    if (this.#isSmallAndLast(slot)) {
      const isDone = this.#writesNow(slot)
      if (isDone && this.#isSyncDue()) await this.#sync()
      if (isDone || this.#isFailed) return
    }
    if (!(await this.#succeeds(this.#chain.write(slot)))) return
    this.#writtenCount++
    this.#listener.written(this.writtenBelow)
    // Not only when all is written: under steady load that moment never comes.
    this.#flushLater()
    // At once, though more was appended: its slot is written while nobody waits for this one.
    if (this.#isSyncDue() && this.#writtenCount === this.#unsynced.length) await this.#sync()
  }

  /** A slow sync does not hold up who waits for a write only. */
  #writeMeanwhile(): void {
    const isWanted = this.#isUrgent && this.#syncWanted <= this.#forming.number
    if (!isWanted || this.#isFailed || this.#forming.isEmpty) return
    if (this.#writtenCount < this.#unsynced.length) return
    if (this.#unsyncedBytes > limits.unsyncedBytesMax) return
    this.#listener.closing()
    this.#close('data')
    const slot = this.#unsynced.at(-1)!
    try {
      if (!this.#isSmallAndLast(slot) || !this.#chain.writeNow(slot, false)) return
    } catch {
      return // It is tried again, and fails for good, when the sync is over.
    }
    this.#writtenCount++
    this.#listener.written(this.writtenBelow)
  }

  /** Doing it costs less than having it done. */
  #isSmallAndLast(slot: ClosedSlot): boolean {
    if (this.#writtenCount + 1 < this.#unsynced.length) return false
    return bytesOf(slot) <= limits.writeNowBytesMax
  }

  #writesNow(slot: ClosedSlot): boolean {
    // What is due, and nobody waits for, others do: it may take as long as it likes.
    const isSynced = this.syncedBelow < this.#syncWanted
    try {
      if (!this.#chain.writeNow(slot, isSynced)) return false
    } catch (thrown) {
      this.#fail(thrown)
      return false
    }
    this.#writtenCount++
    this.#listener.written(this.writtenBelow)
    if (isSynced) this.#synced(this.#writtenCount)
    else this.#flushLater()
    return true
  }

  #isSyncDue(): boolean {
    if (this.#unsynced.length === 0) return false
    return (
      this.#unsynced[0]!.number < this.#syncDue || this.#unsyncedBytes > limits.unsyncedBytesMax
    )
  }

  async #sync(): Promise<void> {
    const count = this.#writtenCount // More may be written meanwhile.
    this.#isSyncing = true
    const isSynced = await this.#succeeds(this.#chain.sync())
    this.#isSyncing = false
    if (isSynced) this.#synced(count)
  }

  #synced(count: number): void {
    for (const slot of this.#unsynced.splice(0, count)) slot.releaseFront()
    this.#writtenCount -= count
    this.#unsyncedBytes = this.#unsynced.reduce((sum, slot) => sum + bytesOf(slot), 0)
    this.#listener.synced(this.syncedBelow)
  }

  /** Only the disk's failures are caught: one of a listener is a bug and ends the process. */
  async #succeeds(work: Promise<void>): Promise<boolean> {
    try {
      await work
      return true
    } catch (thrown) {
      this.#fail(thrown)
      return false
    }
  }

  #close(kind: SlotKind): void {
    const slot = this.#forming.close(kind)
    this.#isUrgent = false
    if (!this.#isGathering) this.#gather()
    this.#forming = new FormingSlot(slot.number + 1, this.#slabs)
    this.#unsynced.push(slot)
    this.#unsyncedBytes += bytesOf(slot)
    this.#listener.closed(slot)
  }

  /** Slots nobody waits for are synced together, every flush interval. */
  #flushLater(): void {
    if (this.#isFailed || this.#unsynced.length === 0 || this.#isFlushDue !== null) return
    this.#isFlushDue = this.#timers.after(this.#flushIntervalMs, () => {
      this.#isFlushDue = null
      this.#syncDue = this.#appendedBelow
      this.hurry()
    })
  }

  #fail(thrown: unknown): void {
    this.#isFailed = true
    if (!this.#forming.isEmpty) {
      this.#listener.closing()
      this.#close('data')
    }
    this.#writtenCount = 0
    this.#listener.failed(thrown, this.syncedBelow)
    this.#retryLater()
  }

  #retryLater(): void {
    this.#timers.after(RETRY_MS, () => void this.#retry())
  }

  /** The same slots, in the same order, to a new place. */
  async #retry(): Promise<void> {
    if (this.#isStopped) return
    try {
      const first = this.#chain.moveOn()
      for (const slot of this.#unsynced) if (slot.number >= first) await this.#chain.write(slot)
      await this.#chain.sync()
    } catch (thrown) {
      if (thrown instanceof InvariantError) throw thrown // Trying again would not mend it.
      this.#retryLater()
      return
    }
    for (const slot of this.#unsynced.splice(0)) slot.releaseFront()
    this.#unsyncedBytes = 0
    this.#isFailed = false
    this.#listener.written(this.writtenBelow)
    this.#listener.synced(this.syncedBelow)
    this.#listener.recovered()
    this.#wake()
  }
}
