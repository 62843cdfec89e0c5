import type { Database } from '../../../broker/keyspace/index.ts'
import type { Arguments } from '../../../lib/resp/index.ts'
import { limits } from '../../../limits/limits.ts'
import type { ClientState } from '../connected/client-state.ts'
import type { Clients } from '../connected/clients.ts'
import type { Command } from '../command.ts'
import { eachKey } from '../keys.ts'
import { Tracking, type TrackingMode } from './tracking.ts'

type Remembered = {
  readonly key: string
  readonly watch: { cancel(): void }
  readonly clients: Set<ClientState>
}

/** Null: everything changed. */
type Pending = { readonly client: ClientState; readonly keys: readonly string[] | null }

const CHANNEL = '__redis__:invalidate'

/** Clients that keep what they read, and are told when it is no longer true. */
export class Trackings {
  readonly #clients: Clients
  readonly #tracked = new Set<ClientState>()
  readonly #byName = new Map<string, Remembered>()
  #pending: Pending[] = []
  #broadcasts = 0
  /** Whose command is run: with NOLOOP, it is not told of its own doing. */
  #current: ClientState | null = null

  constructor(clients: Clients) {
    this.#clients = clients
  }

  get clientCount(): number {
    return this.#tracked.size
  }

  get keyCount(): number {
    return this.#byName.size
  }

  get prefixCount(): number {
    let count = 0
    for (const { tracking } of this.#tracked) count += tracking?.mode.prefixes?.length ?? 0
    return count
  }

  /** Whether anybody is to be told of anything. Asked for every command. */
  get isOn(): boolean {
    return this.#tracked.size > 0
  }

  start(client: ClientState, mode: TrackingMode): void {
    this.stop(client)
    client.tracking = new Tracking(mode)
    this.#tracked.add(client)
    if (mode.prefixes !== null) this.#broadcasts++
  }

  /** What is remembered for it goes when it changes. */
  stop(client: ClientState): void {
    if (client.tracking === null) return
    if (client.tracking.isBroadcast) this.#broadcasts--
    client.tracking = null
    this.#tracked.delete(client)
    if (this.#tracked.size > 0) return
    for (const { watch } of this.#byName.values()) watch.cancel()
    this.#byName.clear()
  }

  begin(client: ClientState): void {
    this.#current = client
  }

  /** A command was run: what it read is remembered, what it wrote is told. */
  ran(client: ClientState, database: Database, command: Command, args: Arguments): void {
    const isWrite = command.flags.includes('write')
    if (isWrite && this.#broadcasts > 0) {
      eachKey(command, args, index => this.changed(args.binary(index)))
      if (command.name === 'flushall' || command.name === 'flushdb') this.#allChanged()
    }
    if (isWrite || client.tracking?.remembers !== true) return
    if (!command.flags.includes('readonly')) return
    eachKey(command, args, index => this.#remember(client, database, args.binary(index)))
  }

  /** The command, or the transaction, is over and answered. */
  end(client: ClientState, command: Command | null): void {
    if (client.tracking !== null && command?.name !== 'client|caching')
      client.tracking.isCachingSaid = false
    this.#current = null
    const pending = this.#pending
    if (pending.length === 0) return
    this.#pending = []
    for (const { client: told, keys } of pending) this.#tell(told, keys)
  }

  /** For those who hear of everything with some prefix. */
  changed(key: string): void {
    for (const client of this.#tracked) {
      const { prefixes, isSilentToSelf } = client.tracking!.mode
      if (prefixes === null || (isSilentToSelf && client === this.#current)) continue
      if (prefixes.some(prefix => key.startsWith(prefix))) this.#add({ client, keys: [key] })
    }
  }

  #allChanged(): void {
    for (const client of this.#tracked)
      if (client.tracking!.isBroadcast) this.#add({ client, keys: null })
  }

  #remember(client: ClientState, database: Database, key: string): void {
    const name = `${database.index} ${key}`
    let remembered = this.#byName.get(name)
    if (remembered === undefined) {
      const watch = database.watch(key, () => this.#forget(name))
      remembered = { key, watch, clients: new Set() }
      this.#byName.set(name, remembered)
      if (this.#byName.size > limits.respTrackedKeysMax) this.#forgetOldest()
    }
    remembered.clients.add(client)
  }

  #forgetOldest(): void {
    const [name] = this.#byName.keys()
    this.#byName.get(name!)!.watch.cancel()
    this.#forget(name!)
  }

  #forget(name: string): void {
    const remembered = this.#byName.get(name)
    if (remembered === undefined) return
    this.#byName.delete(name)
    for (const client of remembered.clients) {
      const mode = client.tracking?.mode
      if (mode === undefined || mode.prefixes !== null) continue
      if (mode.isSilentToSelf && client === this.#current) continue
      this.#add({ client, keys: [remembered.key] })
    }
  }

  /** While a command is run its reply comes first. */
  #add(pending: Pending): void {
    if (this.#current === null) this.#tell(pending.client, pending.keys)
    else this.#pending.push(pending)
  }

  #tell(client: ClientState, keys: readonly string[] | null): void {
    const { tracking } = client
    if (tracking === null || client.isClosed) return
    const { redirect } = tracking
    const told = redirect === 0 ? client : this.#clients.get(redirect)
    if (told === undefined) return this.#redirectBroken(client, tracking)
    const { pushes, version } = told
    if (version === 3) {
      pushes.push(2)
      pushes.text('invalidate')
    } else if (redirect !== 0 && (told.subscriptions?.channelCount ?? 0) > 0) {
      pushes.array(3)
      pushes.text('message')
      pushes.text(CHANNEL)
    } else return
    if (keys === null) return pushes.nothing()
    pushes.array(keys.length)
    for (const key of keys) pushes.binary(key)
  }

  #redirectBroken({ pushes, version }: ClientState, tracking: Tracking): void {
    tracking.isBroken = true
    if (version !== 3) return
    pushes.push(2)
    pushes.text('tracking-redir-broken')
    pushes.integer(tracking.redirect)
  }
}
