import { silentLogger } from '../../src/lib/logger.ts'
import type { Millis } from '../../src/lib/brand.ts'
import type { Store, StoreRefusal } from '../../src/log/store.ts'
import type { Timer } from '../../src/platform/platform.ts'
import { Runtime } from '../../src/broker/runtime.ts'
import { type BrokerSettings, brokerSettingsDefault } from '../../src/broker/settings.ts'
import type { Topic, Topics } from '../../src/broker/topic/index.ts'
import type { JoinCommand } from '../../src/broker/group/command.ts'
import { Groups } from '../../src/broker/group/groups.ts'

export const START = 1_700_000_000_000

/** For tests: time that stands until told, a journal in memory, a disk that confirms on demand. */
export class GroupWorld {
  groups: Groups
  journal: Buffer[] = []
  refusal: StoreRefusal | null = null
  #settings: BrokerSettings
  #elapsed = 0
  #timers = new Map<object, { at: number; periodMs: number | null; run: () => void }>()
  #unconfirmed: ((refusal: StoreRefusal | null) => void)[] = []
  #refusalListeners: ((refusal: StoreRefusal | null) => void)[] = []
  #deletedListeners: ((topic: Topic) => void)[] = []
  #randomCount = 0

  constructor(settings: Partial<BrokerSettings> = {}) {
    this.#settings = { ...brokerSettingsDefault, ...settings }
    this.groups = this.#open([], null)
  }

  /** What a crash leaves: a snapshot that was taken after `cut` events, and the later events. */
  crash(cut = 0): void {
    const before = this.#replay(this.journal.slice(0, cut), null)
    this.groups.stop()
    this.#timers.clear()
    this.#unconfirmed = []
    this.groups = this.#open(this.journal.slice(cut), before.snapshot())
  }

  wait(ms: number): void {
    const end = this.#elapsed + ms
    for (;;) {
      const due = [...this.#timers].filter(([, { at }]) => at <= end)
      due.sort(([, left], [, right]) => left.at - right.at)
      const next = due[0]
      if (next === undefined) break
      const [key, timer] = next
      this.#elapsed = Math.max(this.#elapsed, timer.at)
      if (timer.periodMs === null) this.#timers.delete(key)
      else timer.at += timer.periodMs
      timer.run()
    }
    this.#elapsed = end
  }

  confirm(): void {
    for (const done of this.#unconfirmed.splice(0)) done(null)
  }

  refuse(refusal: StoreRefusal | null): void {
    this.refusal = refusal
    for (const done of refusal === null ? [] : this.#unconfirmed.splice(0)) done(refusal)
    for (const listener of this.#refusalListeners) listener(refusal)
  }

  deleteTopic(name: string): void {
    for (const listener of this.#deletedListeners) listener({ name } as Topic)
  }

  #open(events: readonly Buffer[], snapshot: Buffer | null): Groups {
    this.#refusalListeners = []
    const groups = this.#replay(events, snapshot)
    groups.start()
    return groups
  }

  #replay(events: readonly Buffer[], snapshot: Buffer | null): Groups {
    const runtime = this.#runtime()
    this.#deletedListeners = []
    const topics = {
      onDeleted: (listener: (topic: Topic) => void) => this.#deletedListeners.push(listener),
    }
    const groups = new Groups(runtime, topics as unknown as Topics)
    if (snapshot !== null) groups.restore(snapshot)
    for (const event of events) groups.evolve(event)
    runtime.attach(this.#store(groups))
    return groups
  }

  #runtime(): Runtime {
    const arm = (delayMs: number, periodMs: number | null, run: () => void): Timer => {
      const key = {}
      this.#timers.set(key, { at: this.#elapsed + delayMs, periodMs, run })
      return { cancel: () => void this.#timers.delete(key) }
    }
    return new Runtime({
      settings: this.#settings,
      clock: {
        now: () => (START + Math.floor(this.#elapsed)) as Millis,
        elapsed: () => this.#elapsed,
      },
      timers: {
        after: (delayMs, run) => arm(delayMs, null, run),
        every: (periodMs, run) => arm(periodMs, periodMs, run),
        soon: run => void arm(0, null, run),
      },
      random: {
        next: () => 0.5,
        bytes: size => Buffer.alloc(size, (this.#randomCount = (this.#randomCount + 1) % 256)),
      },
      logger: silentLogger,
    })
  }

  /** Only what groups use of a store. */
  #store(groups: Groups): Store {
    const world = this
    const store = {
      get refusal() {
        return world.refusal
      },
      journal: (_: string, event: Buffer) => {
        world.journal.push(event)
        groups.evolve(event)
      },
      whenConfirmed: (_: string, done: (refusal: StoreRefusal | null) => void) =>
        world.#unconfirmed.push(done),
      onRefusal: (listener: (refusal: StoreRefusal | null) => void) =>
        world.#refusalListeners.push(listener),
    }
    return store as unknown as Store
  }
}

export function joinCommand(memberId: string, changes: Partial<JoinCommand> = {}): JoinCommand {
  return {
    memberId,
    instanceId: null,
    clientId: 'client',
    clientHost: '/127.0.0.1',
    sessionMs: 10_000,
    rebalanceMs: 60_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription('orders') }],
    mustKnowId: false,
    canSkipAssignment: true,
    reason: null,
    ...changes,
  }
}

/** A consumer's metadata, version 0: topics, and no bytes of its own. */
export function subscription(...topics: readonly string[]): Buffer {
  const head = Buffer.alloc(6)
  head.writeInt32BE(topics.length, 2)
  const names = topics.flatMap(topic => [Buffer.from([0, topic.length]), Buffer.from(topic)])
  return Buffer.concat([head, ...names, Buffer.from([255, 255, 255, 255])])
}
