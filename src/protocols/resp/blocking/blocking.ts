import type { KeyType } from '../../../broker/keyspace/index.ts'
import type { Runtime } from '../../../broker/runtime.ts'
import type { Arguments } from '../../../lib/resp/index.ts'
import type { Timer } from '../../../platform/platform.ts'
import type { Command, CommandGroup, Suspension, Wait } from '../command.ts'
import { errorReplyOf } from '../errors.ts'
import { eachKey } from '../keys.ts'
import { Deadlines } from '../../../lib/deadlines.ts'
import { type Party, Retry, Waiter } from './waiter.ts'
import { WaitingKeys } from './waiting-keys.ts'

/** What a command that has to wait was asked in. */
export type Asking = {
  readonly party: Party
  readonly database: number
  readonly command: Command
  readonly args: Arguments
}

/** What is at a key of a numbered database. */
export type TypeOf = (database: number, key: string) => KeyType | undefined

/** What those who wait have to find. Readers of a stream are told when it is gone, too. */
const awaited: Readonly<Partial<Record<CommandGroup, KeyType>>> = {
  list: 'list',
  'sorted-set': 'zset',
}

type Ready = { readonly database: number; readonly key: string }

/**
 * Clients whose command waits for keys or for something else. Whoever changes a key says so; those
 * who wait for it are tried once that command, transaction or script is done, in the order in which
 * they came. One timer serves them all.
 */
export class Blocking {
  readonly #runtime: Runtime
  readonly #typeOf: TypeOf
  readonly #databases: (WaitingKeys | undefined)[] = []
  readonly #deadlines = new Deadlines<Waiter>()
  readonly #retries = new Deadlines<Retry>()
  readonly #all = new Set<Waiter>()
  #keyWaiters = 0
  /** Keys at which there may be something, in order. */
  #ready: Ready[] = []
  readonly #marked = new Set<string>()
  #isServing = false
  #isServingDue = false
  #timer: Timer | null = null
  #timerAt = Infinity

  constructor(runtime: Runtime, typeOf: TypeOf) {
    this.#runtime = runtime
    this.#typeOf = typeOf
  }

  /** Clients that wait, for whatever. */
  get count(): number {
    return this.#all.size
  }

  /** Those whose wait ends at a time. */
  get timedCount(): number {
    return this.#deadlines.count
  }

  /** Keys that somebody waits for. */
  get keyCount(): number {
    return this.#databases.reduce((sum, keys) => sum + (keys?.keyCount ?? 0), 0)
  }

  /** Whether anybody waits for a key. Asked after every command that writes. */
  get isAwaited(): boolean {
    return this.#keyWaiters > 0
  }

  /** Whether `serve` has something to do. */
  get isReady(): boolean {
    return this.#ready.length > 0
  }

  /** The client waits for keys, behind those who are there. */
  block({ party, database, command, args }: Asking, wait: Wait): Waiter {
    const touches: string[] = []
    eachKey(command, args, index => touches.push(args.binary(index)))
    const waiter = new Waiter({
      party,
      database,
      group: command.group,
      wait,
      touches,
      timedOut: reply => wait.timedOut(reply),
      dueAt: this.#deadlineOf(wait.timeoutMs),
    })
    this.#keyWaiters++
    let keys = this.#databases[database]
    if (keys === undefined) this.#databases[database] = keys = new WaitingKeys()
    keys.add(waiter)
    this.#retryLater(waiter)
    return this.#add(waiter)
  }

  /** The client waits for something that has nothing to do with keys. */
  suspend({ party, database, command }: Asking, { timeoutMs, timedOut }: Suspension): Waiter {
    const dueAt = timedOut === null ? Infinity : this.#deadlineOf(timeoutMs)
    const { group } = command
    return this.#add(
      new Waiter({ party, database, group, wait: null, touches: [], timedOut, dueAt }),
    )
  }

  /** Something may have come to the keys of a command that was run. */
  touched(command: Command, args: Arguments): void {
    if (command.keys === undefined || command.keys.length === 0) return this.touchedAll()
    eachKey(command, args, index => this.#mark(args.binary(index)))
  }

  /** The same, by whatever protocol; served when this turn's work is done. */
  changed(key: string): void {
    if (!this.isAwaited) return
    this.#mark(key)
    this.#serveSoon()
  }

  touchedAll(): void {
    for (const keys of this.#databases) if (keys) for (const key of keys.keys()) this.#mark(key)
  }

  /** What changes now is done for clients that waited. */
  get isServing(): boolean {
    return this.#isServing
  }

  /** Tries those who wait for keys that were touched, and for what they touch in turn. */
  serve(): void {
    if (this.#isServing) return // What is touched meanwhile is looked at below.
    this.#isServing = true
    try {
      while (this.#ready.length > 0) {
        const ready = this.#ready
        this.#ready = []
        this.#marked.clear()
        for (const { database, key } of ready) this.#serveKey(database, key)
      }
    } finally {
      this.#isServing = false
    }
  }

  /** Gives the reply of a command that was suspended. False: it was given. */
  answer(waiter: Waiter, answer: Waiter['timedOut'] & object): boolean {
    if (waiter.isOver) return false
    this.remove(waiter)
    write(waiter, answer)
    waiter.party.answered()
    return true
  }

  /** As if its time was over, or with an error. False: it does not wait, or not for that. */
  unblock(waiter: Waiter, error: string | null): boolean {
    if (waiter.isOver || waiter.timedOut === null) return false
    return this.answer(waiter, error === null ? waiter.timedOut : reply => reply.error(error))
  }

  /** It is forgotten without a reply. */
  remove(waiter: Waiter): void {
    if (waiter.isOver) return
    waiter.isOver = true
    this.#all.delete(waiter)
    this.#deadlines.remove(waiter)
    if (waiter.retry !== null) this.#retries.remove(waiter.retry)
    if (waiter.wait === null) return
    this.#keyWaiters--
    this.#databases[waiter.database]!.remove(waiter)
  }

  #add(waiter: Waiter): Waiter {
    this.#all.add(waiter)
    if (waiter.dueAt !== Infinity) {
      this.#deadlines.add(waiter)
      this.#setTimer()
    }
    return waiter
  }

  #mark(key: string): void {
    for (let database = 0; database < this.#databases.length; database++) {
      if (this.#databases[database]?.has(key) !== true) continue
      const name = `${database} ${key}`
      if (this.#marked.has(name)) continue
      this.#marked.add(name)
      this.#ready.push({ database, key })
    }
  }

  #serveKey(database: number, key: string): void {
    const type = this.#typeOf(database, key)
    for (const [group, waiters] of this.#databases[database]!.at(key)) {
      if (awaited[group] !== undefined && awaited[group] !== type) continue
      for (const waiter of waiters) {
        if (this.#try(waiter, key)) continue
        // What one cannot take, those behind cannot either; but readers of a stream may.
        if (group !== 'stream') break
      }
    }
  }

  #try(waiter: Waiter, key: string): boolean {
    const { party, wait } = waiter
    let isServed = true
    party.answering()
    try {
      isServed = wait!.serve(key, party.reply)
    } catch (error) {
      party.reply.error(errorReplyOf(error))
    }
    if (!isServed) return false
    this.remove(waiter)
    for (const touched of waiter.touches) this.#mark(touched)
    party.answered()
    return true
  }

  /** Not within the work of another part of the broker that just said what changed. */
  #serveSoon(): void {
    if (this.#isServingDue) return
    this.#isServingDue = true
    this.#runtime.timers.soon(() => {
      this.#isServingDue = false
      this.serve()
    })
  }

  #deadlineOf(timeoutMs: number): number {
    return timeoutMs === 0 ? Infinity : this.#runtime.clock.elapsed() + timeoutMs
  }

  /** Something may come to what a waiter waits for by time alone. */
  #retryLater(waiter: Waiter): void {
    const delayMs = waiter.wait?.retryMs?.() ?? null
    if (delayMs === null) return
    waiter.retry = new Retry(waiter, this.#runtime.clock.elapsed() + Math.max(delayMs, 1))
    this.#retries.add(waiter.retry)
    this.#setTimer()
  }

  #retry(now: number): void {
    const tried: Waiter[] = []
    for (let due = this.#retries.first; due !== undefined; due = this.#retries.first) {
      if (due.dueAt > now) break
      const { waiter } = due
      this.#retries.remove(due)
      waiter.retry = null
      tried.push(waiter)
      for (const key of waiter.wait?.keys ?? []) this.#mark(key)
    }
    if (tried.length === 0) return
    this.serve()
    for (const waiter of tried) if (!waiter.isOver) this.#retryLater(waiter)
  }

  #setTimer(): void {
    const overAt = this.#deadlines.first?.dueAt ?? Infinity
    const at = Math.min(overAt, this.#retries.first?.dueAt ?? Infinity)
    if (at >= this.#timerAt) return
    this.#timer?.cancel()
    this.#timerAt = at
    const delayMs = Math.ceil(at - this.#runtime.clock.elapsed())
    // A timer for longer than that would fire at once.
    this.#timer = this.#runtime.timers.after(Math.min(Math.max(delayMs, 0), 2 ** 31 - 1), () =>
      this.#timesOver(),
    )
  }

  #timesOver(): void {
    this.#timer = null
    this.#timerAt = Infinity
    const now = this.#runtime.clock.elapsed()
    for (let due = this.#deadlines.first; due !== undefined; due = this.#deadlines.first) {
      if (due.dueAt > now) break
      this.unblock(due, null)
    }
    this.#retry(now)
    this.#setTimer()
  }
}

function write(waiter: Waiter, answer: NonNullable<Waiter['timedOut']>): void {
  const { party } = waiter
  party.answering()
  try {
    answer(party.reply)
  } catch (error) {
    party.reply.error(errorReplyOf(error))
  }
}
