import type { JoinOutcome, Reply, SyncOutcome } from './outcome.ts'

/** One way of sharing the work that a member offers, with what it tells the others about it. */
export type MemberProtocol = { readonly name: string; readonly metadata: Buffer }

/** What is kept of a member over restarts of the broker. */
export type SavedMember = {
  readonly id: string
  /** Given by static members: it survives the client, the member id does not. */
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionMs: number
  readonly rebalanceMs: number
  /** In the member's order of preference. */
  readonly protocols: readonly MemberProtocol[]
  readonly assignment: Buffer
}

export const NO_BYTES: Buffer = Buffer.alloc(0)

/** A member as the group knows it now: what is saved, and the requests it waits for. */
export class Member {
  readonly id: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  sessionMs: number
  rebalanceMs: number
  protocols: readonly MemberProtocol[]
  assignment: Buffer
  /** Has never been in a generation. Such a member may expire even while it waits. */
  isNew = false
  /** When its session ends, on the clock that never goes back. */
  expiresAt = Number.POSITIVE_INFINITY
  joinReply: Reply<JoinOutcome> | null = null
  syncReply: Reply<SyncOutcome> | null = null

  constructor(saved: SavedMember) {
    this.id = saved.id
    this.instanceId = saved.instanceId
    this.clientId = saved.clientId
    this.clientHost = saved.clientHost
    this.sessionMs = saved.sessionMs
    this.rebalanceMs = saved.rebalanceMs
    this.protocols = saved.protocols
    this.assignment = saved.assignment
  }

  /** True while the broker owes the member an answer: nobody beats while waiting. */
  get isExcused(): boolean {
    return !this.isNew && (this.joinReply !== null || this.syncReply !== null)
  }

  metadata(protocolName: string): Buffer {
    return this.protocols.find(protocol => protocol.name === protocolName)?.metadata ?? NO_BYTES
  }

  offers(protocols: readonly MemberProtocol[]): boolean {
    if (protocols.length !== this.protocols.length) return false
    return protocols.every((protocol, index) => {
      const own = this.protocols[index]!
      return own.name === protocol.name && own.metadata.equals(protocol.metadata)
    })
  }

  saved(assignment: Buffer): SavedMember {
    return {
      id: this.id,
      instanceId: this.instanceId,
      clientId: this.clientId,
      clientHost: this.clientHost,
      sessionMs: this.sessionMs,
      rebalanceMs: this.rebalanceMs,
      protocols: this.protocols,
      assignment,
    }
  }
}
