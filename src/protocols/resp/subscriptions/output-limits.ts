import type { Clock } from '../../../platform/platform.ts'
import type { Client } from '../client.ts'
import { kinds } from '../parameters/index.ts'

/** How much may wait for a client that reads too slowly; 0 is "no limit". */
export type OutputLimit = {
  readonly hardBytes: number
  readonly softBytes: number
  /** More than `softBytes` for longer than that is too much. */
  readonly softSeconds: number
}

export type ClientClass = 'normal' | 'replica' | 'pubsub'

const classes: readonly ClientClass[] = ['normal', 'replica', 'pubsub']

const MiB = 1024 * 1024

/** Redis' own. A client that subscribes is sent what others publish, so it is never without. */
const defaults: Readonly<Record<ClientClass, OutputLimit>> = {
  normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
  replica: { hardBytes: 256 * MiB, softBytes: 64 * MiB, softSeconds: 60 },
  pubsub: { hardBytes: 32 * MiB, softBytes: 8 * MiB, softSeconds: 60 },
}

/** `client-output-buffer-limit`: who reads too slowly is sent away, for memory is for all. */
export class OutputLimits {
  readonly #clock: Clock
  #limits = defaults
  /** Since when more than the soft limit waits for a client, in milliseconds. */
  readonly #since = new WeakMap<Client, number>()
  /** No class has a limit below it. */
  #leastBytes = leastOf(defaults)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be called when something was written to a client, and now and then. */
  watch(client: Client): void {
    const { outputBytes } = client
    if (outputBytes < this.#leastBytes && !this.#since.has(client)) return
    if (!this.#isExceeded(client, outputBytes, this.#clock.elapsed())) return
    this.#since.delete(client)
    client.close('it reads too slowly: client-output-buffer-limit', 'at once')
  }

  #isExceeded(client: Client, outputBytes: number, now: number): boolean {
    const { hardBytes, softBytes, softSeconds } = this.#limits[classOfClient(client)]
    if (hardBytes > 0 && outputBytes >= hardBytes) return true
    if (softBytes === 0 || outputBytes < softBytes) {
      this.#since.delete(client)
      return false
    }
    const since = this.#since.get(client) ?? now
    this.#since.set(client, since)
    return now - since > softSeconds * 1000
  }

  of(ofClass: ClientClass): OutputLimit {
    return this.#limits[ofClass]
  }

  /** As CONFIG GET shows it. */
  get text(): string {
    return classes
      .map(name => {
        const { hardBytes, softBytes, softSeconds } = this.#limits[name]
        const shown = name === 'replica' ? 'slave' : name
        return `${shown} ${hardBytes} ${softBytes} ${softSeconds}`
      })
      .join(' ')
  }

  /** All of it, or what is wrong with it. Classes that are not named keep theirs. */
  set(text: string): string | null {
    const words = text.split(' ').filter(word => word !== '')
    if (words.length % 4 !== 0) return 'Wrong number of arguments in buffer limit configuration.'
    const limits = { ...this.#limits }
    for (let at = 0; at < words.length; at += 4) {
      const name = classOf(words[at]!)
      if (name === null) return 'Invalid client class specified in buffer limit configuration.'
      const hardBytes = kinds.memoryBytes(words[at + 1]!)
      const softBytes = kinds.memoryBytes(words[at + 2]!)
      const softSeconds = /^\d+$/.test(words[at + 3]!) ? Number(words[at + 3]) : null
      if (hardBytes === null || softBytes === null || softSeconds === null)
        return 'Error in hard, soft or soft_seconds setting in buffer limit configuration.'
      limits[name] = { hardBytes, softBytes, softSeconds }
    }
    this.#limits = limits
    this.#leastBytes = leastOf(limits)
    return null
  }
}

const classOfClient = ({ subscriptions }: Client): ClientClass => {
  if (subscriptions === null) return 'normal'
  const { channelCount, patternCount, shardCount } = subscriptions
  return channelCount + patternCount + shardCount > 0 ? 'pubsub' : 'normal'
}

const leastOf = (limits: Readonly<Record<ClientClass, OutputLimit>>): number =>
  Math.min(
    ...Object.values(limits).flatMap(({ hardBytes, softBytes }) =>
      [hardBytes, softBytes].filter(bytes => bytes > 0),
    ),
  )

function classOf(word: string): ClientClass | null {
  const name = word.toLowerCase()
  if (name === 'slave') return 'replica'
  return classes.find(each => each === name) ?? null
}
