import type { StoreRefusal } from '../../log/store.ts'
import type { Memory, Timer } from '../../platform/platform.ts'
import { BrokerError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { Sessions } from '../session/index.ts'

export type AlarmKind = 'memory' | 'disk'

/** What there is of a resource, as the world sees it. */
export type Resources = {
  /** What the process holds, and what it could at most, in bytes. */
  readonly memory: Memory
  /** Room where the log lies, in bytes; null when nothing is written. */
  readonly freeBytes: (() => Promise<number>) | null
}

/** A share of all memory (0..1), or bytes. */
export type Watermark = { readonly fraction: number } | { readonly bytes: number }

const PERIOD_MS = 1000
/** An alarm is over when there is so much more than what raised it, or producers would flap. */
const RELIEF = 0.05

/**
 * While the broker is low on memory or disk, whoever publishes is told to wait. Reading goes on:
 * it is what makes room.
 */
export class Alarms {
  readonly #runtime: Runtime
  readonly #sessions: Sessions
  readonly #active = new Map<AlarmKind, string>()
  readonly #changed: ((kind: AlarmKind, reason: string | null) => void)[] = []
  #resources: Resources | null = null
  #watermark: Watermark
  #diskFreeBytesMin: number
  #freeBytes: number | null = null
  #isAskingDisk = false
  #refusal: StoreRefusal | null = null
  #timer: Timer | null = null

  constructor(runtime: Runtime, sessions: Sessions) {
    this.#runtime = runtime
    this.#sessions = sessions
    this.#watermark = { fraction: runtime.settings.memoryHighWatermark }
    this.#diskFreeBytesMin = runtime.settings.diskFreeBytesMin
    sessions.onOpened(session => {
      const { reason } = this
      if (reason !== null) session.blocked(reason)
    })
  }

  start(): void {
    const { store, timers } = this.#runtime
    this.#refusal = store.refusal
    store.onRefusal(refusal => {
      this.#refusal = refusal
      this.#checkDisk()
    })
    this.#timer = timers.every(PERIOD_MS, () => this.check())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** From now on these are watched. Without, only what the store refuses raises an alarm. */
  watch(resources: Resources): void {
    this.#resources = resources
    this.check()
  }

  /** What producers are told, in RabbitMQ's words; null when all is well. */
  get reason(): string | null {
    if (this.#active.size === 0) return null
    const low = [...this.#active.keys()].sort((one, other) => (one > other ? -1 : 1))
    return `low on ${low.join(' & ')}`
  }

  /** For operators: what is wrong, by kind. */
  active(): ReadonlyMap<AlarmKind, string> {
    return this.#active
  }

  get memoryUsedBytes(): number | null {
    return this.#resources?.memory.used() ?? null
  }

  /** What raises the alarm, in bytes; null when memory is not watched. */
  get memoryLimitBytes(): number | null {
    if (this.#resources === null) return null
    const mark = this.#watermark
    return 'bytes' in mark ? mark.bytes : mark.fraction * this.#resources.memory.total()
  }

  /** What the process could hold at most, in bytes; null when memory is not watched. */
  get memoryTotalBytes(): number | null {
    return this.#resources?.memory.total() ?? null
  }

  get memoryWatermark(): Watermark {
    return this.#watermark
  }

  get diskFreeBytes(): number | null {
    return this.#freeBytes
  }

  get diskFreeBytesMin(): number {
    return this.#diskFreeBytesMin
  }

  /** Holds until the broker stops. A fraction of 0 blocks all producers at once. */
  setMemoryWatermark(mark: Watermark): void {
    const value = 'bytes' in mark ? mark.bytes : mark.fraction
    if (!Number.isFinite(value) || value < 0) {
      const message = 'a memory watermark is a fraction of all memory, or bytes; zero or more'
      throw new BrokerError('invalid-setting', message)
    }
    this.#watermark = mark
    this.#checkMemory(0)
  }

  /** Holds until the broker stops. */
  setDiskFreeMin(bytes: number): void {
    if (!Number.isFinite(bytes) || bytes < 0) {
      throw new BrokerError('invalid-setting', 'a disk limit is a number of bytes, zero or more')
    }
    this.#diskFreeBytesMin = bytes
    this.#checkDisk(0)
  }

  /** Raises or (null) ends an alarm. The reason is for operators. */
  set(kind: AlarmKind, reason: string | null): void {
    const before = this.#active.get(kind) ?? null
    if (before === reason) return
    if (reason === null) this.#active.delete(kind)
    else this.#active.set(kind, reason)
    if (before !== null && reason !== null) return // Still low: nobody has to be told again.
    if (reason === null) this.#runtime.logger.info({ alarm: kind }, 'alarm is over')
    else this.#runtime.logger.warn({ alarm: kind, reason }, 'alarm: producers are told to wait')
    this.#sessions.block(this.reason)
    for (const listener of this.#changed) listener(kind, reason)
  }

  onChanged(listener: (kind: AlarmKind, reason: string | null) => void): void {
    this.#changed.push(listener)
  }

  /** Looks at everything that is watched, now. */
  check(): void {
    this.#checkMemory()
    this.#checkDisk()
    this.#askDisk()
  }

  #checkMemory(relief = RELIEF): void {
    const limit = this.memoryLimitBytes
    if (limit === null) return
    const used = this.#resources!.memory.used()
    const isLow = used > (this.#active.has('memory') ? limit * (1 - relief) : limit)
    this.set('memory', isLow ? `${used} bytes are used, ${Math.round(limit)} may be` : null)
  }

  #checkDisk(relief = RELIEF): void {
    if (this.#refusal !== null && this.#refusal.reason !== 'closing') {
      this.set('disk', this.#refusal.message)
      return
    }
    const least = this.#diskFreeBytesMin * (this.#active.has('disk') ? 1 + relief : 1)
    const isLow = this.#freeBytes !== null && this.#freeBytes < least
    const reason = `${this.#freeBytes} bytes are free, ${this.#diskFreeBytesMin} have to be`
    this.set('disk', isLow ? reason : null)
  }

  #askDisk(): void {
    const ask = this.#resources?.freeBytes ?? null
    if (ask === null || this.#isAskingDisk) return
    this.#isAskingDisk = true
    const answered = (freeBytes: number | null): void => {
      this.#isAskingDisk = false
      this.#freeBytes = freeBytes
      this.#checkDisk()
    }
    // A file system that cannot say is no reason to stop; the store notices when it is full.
    ask().then(answered, () => answered(null))
  }
}
