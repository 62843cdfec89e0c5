import { assert } from '../lib/assert.ts'
import type { Logger } from '../lib/logger.ts'
import type { Store } from '../log/store.ts'
import type { Clock, Random, Timers } from '../platform/platform.ts'
import type { BrokerSettings } from './settings.ts'

/** What every part of the broker stands on. The store arrives last: it replays into the parts. */
export class Runtime {
  readonly settings: BrokerSettings
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly logger: Logger
  #store: Store | null = null

  constructor(parts: {
    settings: BrokerSettings
    clock: Clock
    timers: Timers
    random: Random
    logger: Logger
  }) {
    this.settings = parts.settings
    this.clock = parts.clock
    this.timers = parts.timers
    this.random = parts.random
    this.logger = parts.logger
  }

  get store(): Store {
    assert(this.#store !== null, 'the store is open')
    return this.#store
  }

  attach(store: Store): void {
    assert(this.#store === null, 'a store is attached once')
    this.#store = store
  }
}
