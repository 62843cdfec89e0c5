import type { ChannelSpace, Form, Subscriber } from '../../../broker/channel/index.ts'
import { DEFAULT_NAMESPACE } from '../../../broker/topic/index.ts'
import type { Client, Subscriptions } from '../client.ts'
import type { Services } from '../services.ts'
import { messageForms } from './forms.ts'

const NOTHING: ReadonlySet<string> = new Set()

/** What one client is subscribed to. Names are binary strings. */
export class ClientSubscriptions implements Subscriptions, Subscriber {
  readonly #client: Client
  readonly #services: Services
  // Made when they are needed: most clients subscribe to one kind, and there may be many clients.
  #channels: Set<string> | null = null
  #patterns: Set<string> | null = null
  #shards: Set<string> | null = null

  constructor(client: Client, services: Services) {
    this.#client = client
    this.#services = services
  }

  /** Databases do not matter: all clients hear each other. */
  get #space(): ChannelSpace {
    return this.#services.broker.channels.in(DEFAULT_NAMESPACE)
  }

  get form(): Form {
    return messageForms[this.#client.version]
  }

  take(frame: Buffer): void {
    this.#client.write(frame)
    this.#services.outputLimits.watch(this.#client)
  }

  get channels(): ReadonlySet<string> {
    return this.#channels ?? NOTHING
  }

  get patterns(): ReadonlySet<string> {
    return this.#patterns ?? NOTHING
  }

  get shards(): ReadonlySet<string> {
    return this.#shards ?? NOTHING
  }

  get channelCount(): number {
    return this.channels.size
  }

  get patternCount(): number {
    return this.patterns.size
  }

  get shardCount(): number {
    return this.shards.size
  }

  subscribe(channel: string): void {
    ;(this.#channels ??= new Set()).add(channel)
    this.#space.subscribe(channel, this)
  }

  unsubscribe(channel: string): void {
    if (this.#channels?.delete(channel) === true) this.#space.unsubscribe(channel, this)
  }

  subscribePattern(pattern: string): void {
    ;(this.#patterns ??= new Set()).add(pattern)
    this.#space.subscribePattern(pattern, this)
  }

  unsubscribePattern(pattern: string): void {
    if (this.#patterns?.delete(pattern) === true) this.#space.unsubscribePattern(pattern, this)
  }

  subscribeShard(channel: string): void {
    ;(this.#shards ??= new Set()).add(channel)
    this.#space.subscribeSharded(channel, this)
  }

  unsubscribeShard(channel: string): void {
    if (this.#shards?.delete(channel) === true) this.#space.unsubscribeSharded(channel, this)
  }

  leave(): void {
    for (const channel of this.channels) this.unsubscribe(channel)
    for (const pattern of this.patterns) this.unsubscribePattern(pattern)
    for (const channel of this.shards) this.unsubscribeShard(channel)
  }
}

/** Those of a client, made at the first subscription. */
export function subscriptionsOf(client: Client, services: Services): ClientSubscriptions {
  const known = client.subscriptions
  if (known instanceof ClientSubscriptions) return known
  const made = new ClientSubscriptions(client, services)
  client.subscriptions = made
  return made
}
