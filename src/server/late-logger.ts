import type { Logger } from '../lib/logger.ts'
import type { LoggerOptions } from './logger.ts'

type Level = keyof Logger

/**
 * Keeps lines until the logging library is there. Loading it takes as long as opening a store, and
 * nobody should wait for it who only wants to connect.
 */
export class LateLogger implements Logger {
  readonly #options: LoggerOptions
  #target: Logger | null = null
  #early: [level: Level, facts: object, message: string][] = []

  constructor(options: LoggerOptions) {
    this.#options = options
  }

  /** Call it when the start is over, however it ended: only now the early lines are written. */
  async load(): Promise<void> {
    if (this.#target !== null) return
    const { openLogger } = await import('./logger.ts')
    this.#target = openLogger(this.#options)
    for (const [level, facts, message] of this.#early) this.#target[level](facts, message)
    this.#early = []
  }

  get isLoaded(): boolean {
    return this.#target !== null
  }

  debug(facts: object, message: string): void {
    this.#log('debug', facts, message)
  }

  info(facts: object, message: string): void {
    this.#log('info', facts, message)
  }

  warn(facts: object, message: string): void {
    this.#log('warn', facts, message)
  }

  error(facts: object, message: string): void {
    this.#log('error', facts, message)
  }

  #log(level: Level, facts: object, message: string): void {
    if (this.#target === null) this.#early.push([level, facts, message])
    else this.#target[level](facts, message)
  }
}
