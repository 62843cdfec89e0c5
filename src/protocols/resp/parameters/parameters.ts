import type { Millis } from '../../../lib/brand.ts'
import type { ParserLimits } from '../../../lib/resp/index.ts'
import { limits } from '../../../limits/limits.ts'
import type { ClientState } from '../connected/client-state.ts'

/** One row of what CONFIG knows. */
export type Parameter = {
  /** In lower case, with hyphens. */
  readonly name: string
  get(): string
  /** Absent: it cannot be changed. Throws `ReplyError` for a wrong value, before any effect. */
  readonly set?: (value: string) => void
}

/** What CONFIG GET and SET know. Whoever has something to be set adds its rows. */
export class Parameters {
  /** Shared by all parsers. */
  readonly parserLimits: ParserLimits = {
    bulkBytesMax: limits.respBulkBytesDefault,
    wordsMax: limits.respWordsMax,
    commandBytesMax: limits.respCommandBytesMax,
  }
  /** Seconds a client may be idle; 0: for ever. */
  idleSecondsMax = 0
  readonly #byName = new Map<string, Parameter>()

  add(...parameters: readonly Parameter[]): void {
    for (const parameter of parameters) this.#byName.set(parameter.name, parameter)
  }

  get(name: string): Parameter | undefined {
    return this.#byName.get(name)
  }

  all(): Iterable<Parameter> {
    return this.#byName.values()
  }

  /** About once a second. */
  tick(client: ClientState, now: Millis): void {
    if (this.idleSecondsMax === 0 || client.waiter !== null || client.subscriptions !== null) return
    if (now - client.lastActiveAt > this.idleSecondsMax * 1000) client.close('idle')
  }
}
