import type { User } from '../../../broker/access/index.ts'
import type { Session } from '../../../broker/session/index.ts'
import {
  NullSink,
  ReplyEncoder,
  type ReplySink,
  type ReplyWriter,
} from '../../../lib/resp/index.ts'
import type { Address, Peer } from '../../protocol.ts'
import type { Party, Waiter } from '../blocking/index.ts'
import { CallState } from './call-state.ts'
import type { Client, Subscriptions } from '../client.ts'
import type { CommandEntry } from '../command-table.ts'
import type { Replier } from '../durability.ts'
import { Outlet } from '../../outlet.ts'
import type { Services } from '../services.ts'
import type { Tracking } from '../tracking/index.ts'
import type { Transaction, Watched } from '../transaction/index.ts'

/** What CLIENT REPLY said. `skipNext` becomes `skip` when the command that said it is over. */
export type ReplyMode = 'on' | 'off' | 'skipNext' | 'skip'

/** What the client's state needs of the connection it belongs to. */
export interface ClientHost {
  /** It may read commands again. */
  goOn(): void
  end(reason: string, manner: 'politely' | 'at once'): void
  readonly pendingBytes: number
}

const nowhere = new NullSink()

/** Everything that is known of one client. */
export class ClientState implements Client, Party, Replier {
  readonly id: number
  readonly remote: Address
  readonly local: Address
  readonly isTls: boolean
  readonly connectedAt: number
  readonly outlet: Outlet
  readonly reply: ReplyEncoder
  readonly call: CallState
  readonly host: ClientHost
  readonly #services: Services
  readonly #peer: Peer

  user: User | null = null
  session: Session | null = null
  grants: object | null = null
  subscriptions: Subscriptions | null = null
  tracking: Tracking | null = null
  transaction: Transaction | null = null
  watched: Watched | null = null
  waiter: Waiter | null = null
  /** Bytes; empty: none was given. */
  name = ''
  libraryName = ''
  libraryVersion = ''
  database = 0
  replyMode: ReplyMode = 'on'
  isMonitor = false
  isReadOnly = false
  isNoEvict = false
  isNoTouch = false
  isClosed = false
  isClosing = false
  lastActiveAt: number
  lastCommand: CommandEntry | null = null
  #pushes: ReplyEncoder | null = null

  constructor(services: Services, peer: Peer, host: ClientHost) {
    this.#services = services
    this.#peer = peer
    this.host = host
    this.id = services.broker.sessions.nextId()
    this.remote = peer.remote
    this.local = peer.local
    this.isTls = peer.isTls
    this.connectedAt = this.lastActiveAt = peer.now()
    this.outlet = new Outlet(peer.egress)
    this.reply = new ReplyEncoder(peer.egress)
    this.call = new CallState(services, this)
  }

  get version(): 2 | 3 {
    return this.reply.version
  }

  set version(version: 2 | 3) {
    this.reply.version = version
    if (this.#pushes !== null) this.#pushes.version = version
  }

  get isCongested(): boolean {
    return this.#peer.egress.congested
  }

  get outputBytes(): number {
    return this.#peer.egress.pendingBytes + this.outlet.heldBytes
  }

  get pushes(): ReplyWriter {
    this.#pushes ??= new ReplyEncoder(this.outlet.sink)
    this.#pushes.version = this.version
    this.#pushes.sink = this.#pushSink
    return this.#pushes
  }

  write(frame: Buffer): void {
    this.#pushSink.write(frame)
  }

  /** With CLIENT REPLY OFF, only RESP3's pushes are told from replies. */
  get #pushSink(): ReplySink {
    const isMute = this.version === 2 && (this.replyMode === 'off' || this.replyMode === 'skip')
    return isMute ? nowhere : this.outlet.sink
  }

  close(reason: string, manner: 'politely' | 'at once' = 'politely'): void {
    this.host.end(reason, manner)
  }

  setReplyMode(mode: ReplyMode): void {
    this.replyMode = mode
    this.#direct()
  }

  /** CLIENT REPLY SKIP is about one command. Called when one is over, unless the mode is `on`. */
  commandOver(): void {
    if (this.replyMode === 'skipNext') this.setReplyMode('skip')
    else if (this.replyMode === 'skip') this.setReplyMode('on')
  }

  /** EXEC, DISCARD: the commands are forgotten, and nothing is watched any more. */
  endTransaction(): void {
    this.transaction = null
    this.unwatch()
  }

  unwatch(): void {
    this.watched?.end()
    this.watched = null
  }

  select(database: number): void {
    this.database = database
    this.call.db = this.#services.database(database)
  }

  hold(): void {
    this.outlet.hold()
    this.#direct()
  }

  release(): void {
    this.outlet.release()
    this.#direct()
    this.host.goOn()
  }

  lost(reason: string): void {
    this.close(`what was changed may be lost: ${reason}`, 'at once')
  }

  answering(): void {
    const { durability } = this.#services
    if (durability.isHolding) durability.guard(this, true)
  }

  answered(): void {
    this.waiter = null
    if (this.replyMode !== 'on') this.commandOver()
    this.#services.clients.goOnSoon(this)
  }

  /** As lists and logs show it. */
  get address(): string {
    return showAddress(this.remote)
  }

  #direct(): void {
    const isMute = this.replyMode === 'off' || this.replyMode === 'skip'
    this.reply.sink = isMute ? nowhere : this.outlet.sink
  }
}

export const showAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
