import { Offset } from '../../lib/brand.ts'
import { setBaseOffset, summaryOf } from '../../log/batch/index.ts'
import {
  type Durability,
  type Log,
  LogId,
  type LogPolicy,
  OutOfRangeError,
  type ReadRoom,
  type StateMachine,
  type Store,
  type StoreRefusal,
  StoreRefusedError,
  type TimedOffset,
} from '../../log/store.ts'
import { piecesOf } from '../snapshot.fixture.ts'

/** A log in memory that forgets, in a crash, what was not confirmed. */
export class TestLog implements Log {
  readonly id: LogId
  policy: LogPolicy
  startOffset = Offset(0)
  endOffset = Offset(0)
  confirmedEnd = Offset(0)
  isConfirmed = false
  startConfirmed = Offset(0)
  /** Reads take a while, as from a disk. */
  isCold = false
  batches: { base: number; last: number; timestamp: number; bytes: Buffer }[] = []

  constructor(id: LogId, policy: LogPolicy) {
    this.id = id
    this.policy = policy
  }

  get sizeBytes(): number {
    return this.#kept.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  get #kept() {
    return this.batches.filter(({ last }) => last >= this.startOffset)
  }

  read(
    from: Offset,
    bytesMax: number,
    room?: ReadRoom,
  ): readonly Buffer[] | Promise<readonly Buffer[]> {
    if (from < this.startOffset || from > this.confirmedEnd)
      throw new OutOfRangeError(from, this.startOffset, this.confirmedEnd)
    const found: Buffer[] = []
    let bytesLeft = bytesMax
    for (const { base, last, bytes } of this.#kept) {
      if (last < from || base >= this.confirmedEnd) continue
      bytesLeft -= bytes.length
      if (found.length > 0 && bytesLeft < 0) break
      found.push(bytes)
    }
    const read = room === undefined ? found : found.map(batch => copied(batch, room))
    return this.isCold ? Promise.resolve(read) : read
  }

  lend(from: Offset, bytesMax: number): readonly Buffer[] | null {
    const read = this.read(from, bytesMax)
    return read instanceof Promise ? null : read
  }

  readNow(from: Offset, bytesMax: number): readonly Buffer[] {
    if (from < this.startOffset || from > this.endOffset)
      throw new OutOfRangeError(from, this.startOffset, this.endOffset)
    const found: Buffer[] = []
    let bytesLeft = bytesMax
    for (const { last, bytes } of this.#kept) {
      if (last < from) continue
      bytesLeft -= bytes.length
      if (found.length > 0 && bytesLeft < 0) break
      found.push(bytes)
    }
    return found
  }

  findByTime(time: number): Promise<TimedOffset | undefined> {
    const found = this.#kept.find(({ timestamp }) => timestamp >= time)
    if (found === undefined || found.base >= this.confirmedEnd) return Promise.resolve(undefined)
    const offset = Offset(Math.max(found.base, this.startOffset))
    return Promise.resolve({ offset, timestamp: found.timestamp })
  }

  findNewest(): Promise<TimedOffset | undefined> {
    return Promise.resolve(undefined)
  }
}

/** A store in memory whose disk confirms, fails and crashes on demand. */
export class TestStore implements Store {
  machines: readonly StateMachine[] = []
  /** New logs take a while to be read. */
  isCold = false
  refusal: StoreRefusal | null = null
  reliefRefusal: StoreRefusal | null = null
  readonly unconfirmedBytes = 0
  readonly isWritten = true
  readonly #logs = new Map<LogId, TestLog>()
  #deleted: TestLog[] = []
  #snapshot = new Map<string, Buffer[]>()
  #journal: [string, Buffer][] = []
  #forming: [string, Buffer][] = []
  #waiting: ((refusal: StoreRefusal | null) => void)[] = []
  #advancedListeners: ((logs: readonly Log[]) => void)[] = []
  #refusalListeners: ((refusal: StoreRefusal | null) => void)[] = []
  #idNext = 1

  log(id: LogId): TestLog | undefined {
    return this.#logs.get(id)
  }

  logs(): Iterable<TestLog> {
    return this.#logs.values()
  }

  createLog(policy: LogPolicy): TestLog {
    this.#check()
    const log = new TestLog(LogId(this.#idNext++), policy)
    log.isCold = this.isCold
    this.#logs.set(log.id, log)
    return log
  }

  setPolicy(id: LogId, policy: LogPolicy): void {
    this.#logs.get(id)!.policy = policy
  }

  deleteLog(id: LogId): void {
    this.#deleted.push(this.#logs.get(id)!)
    this.#logs.delete(id)
  }

  append(id: LogId, bytes: Buffer, start = 0, end = bytes.length): Offset {
    this.#check()
    const batch = Buffer.from(bytes.subarray(start, end)) // The bytes stay the caller's.
    const log = this.#logs.get(id)!
    const base = log.endOffset
    setBaseOffset(batch, base)
    const { lastOffset, maxTimestamp } = summaryOf(batch)
    log.batches.push({ base, last: lastOffset, timestamp: maxTimestamp, bytes: batch })
    log.endOffset = Offset(lastOffset + 1)
    return base
  }

  truncateBefore(id: LogId, offset: Offset): void {
    const log = this.#logs.get(id)!
    log.startOffset = Offset(Math.max(log.startOffset, offset))
  }

  journal(machine: string, event: Buffer): void {
    this.#check()
    this.journalRelief(machine, event)
  }

  journalApplied(machine: string, bytes: Buffer, start: number, end: number): void {
    this.#check()
    this.#forming.push([machine, Buffer.from(bytes.subarray(start, end))])
  }

  journalRelief(machine: string, event: Buffer): void {
    if (this.reliefRefusal !== null) throw new StoreRefusedError(this.reliefRefusal)
    this.#forming.push([machine, Buffer.from(event)])
    this.#evolve(machine, event)
  }

  whenConfirmed(_durability: Durability, done: (refusal: StoreRefusal | null) => void): void {
    this.#waiting.push(done)
  }

  hurry(): void {}

  onAdvanced(listener: (logs: readonly Log[]) => void): void {
    this.#advancedListeners.push(listener)
  }

  onClosing(): void {}

  onRefusal(listener: (refusal: StoreRefusal | null) => void): void {
    this.#refusalListeners.push(listener)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  get hasUnconfirmed(): boolean {
    return this.#forming.length > 0 || this.#unread.length > 0 || this.#waiting.length > 0
  }

  /** The disk has all there is. */
  confirm(): void {
    this.#journal.push(...this.#forming)
    this.#forming = []
    this.#deleted = []
    const advanced = this.#unread
    for (const log of this.#logs.values()) {
      log.isConfirmed = true
      log.confirmedEnd = log.endOffset
      log.startConfirmed = log.startOffset
    }
    for (const listener of this.#advancedListeners) listener([...advanced])
    for (const done of this.#waiting.splice(0)) done(null)
  }

  refuse(refusal: StoreRefusal | null, isReliefToo = false): void {
    this.refusal = refusal
    this.reliefRefusal = isReliefToo ? refusal : null
    for (const listener of this.#refusalListeners) listener(refusal)
  }

  /** Between two turns; what is confirmed is in it, and the rest as if it were. */
  checkpoint(): void {
    this.confirm()
    this.#snapshot = new Map(
      this.machines.map(machine => [machine.name, piecesOf(machine.snapshot())]),
    )
    this.#journal = []
  }

  crash(): void {
    for (const log of this.#deleted) this.#logs.set(log.id, log)
    for (const log of [...this.#logs.values()]) {
      if (!log.isConfirmed) this.#logs.delete(log.id)
      log.batches = log.batches.filter(({ base }) => base < log.confirmedEnd)
      log.endOffset = log.confirmedEnd
      log.startOffset = log.startConfirmed
    }
    this.#deleted = []
    this.#forming = []
    this.#waiting = []
    this.#advancedListeners = []
    this.#refusalListeners = []
  }

  replay(machines: readonly StateMachine[]): void {
    this.machines = machines
    for (const machine of machines) {
      for (const piece of this.#snapshot.get(machine.name) ?? []) machine.restore(piece)
    }
    for (const [machine, event] of this.#journal) this.#evolve(machine, event)
  }

  get #unread(): TestLog[] {
    return [...this.#logs.values()].filter(log => log.confirmedEnd < log.endOffset)
  }

  #evolve(machine: string, event: Buffer): void {
    // Whoever keeps what it is given keeps nonsense.
    const lent = Buffer.from(event)
    this.machines.find(({ name }) => name === machine)!.evolve(lent)
    lent.fill(0xee)
  }

  #check(): void {
    if (this.refusal !== null) throw new StoreRefusedError(this.refusal)
  }
}

function copied(batch: Buffer, room: ReadRoom): Buffer {
  const copy = room.take(batch.length)
  batch.copy(copy)
  return copy
}
