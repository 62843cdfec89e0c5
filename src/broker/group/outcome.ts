/** Why a group says no. For programs; each protocol has its own codes and words for them. */
export type GroupRefusal =
  | 'invalid-group-id'
  | 'group-not-found'
  | 'group-not-empty'
  | 'group-full'
  | 'session-out-of-range'
  | 'member-id-required'
  | 'unknown-member'
  | 'fenced-instance'
  | 'illegal-generation'
  | 'inconsistent-protocol'
  | 'rebalancing'
  | 'too-large'
  /** The broker is stopping, or the disk refuses writes: the client tries again. */
  | 'unavailable'

/** Takes the answer of a request that may have to wait. Called once, perhaps at once. */
export type Reply<Outcome> = (outcome: Outcome) => void

export type Refused = { readonly kind: 'refused'; readonly refusal: GroupRefusal }

export type JoinOutcome =
  | {
      readonly kind: 'joined'
      readonly memberId: string
      readonly generation: number
      readonly protocolType: string
      readonly protocolName: string
      readonly leader: string
      /** All members with their metadata, for the leader; empty for the others. */
      readonly members: readonly JoinedMember[]
      /** The leader came back as it was: it must not assign again. */
      readonly skipAssignment: boolean
    }
  | (Refused & {
      /** The id to use from now on after `member-id-required`, else the client's own. */
      readonly memberId: string
    })

export type JoinedMember = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly metadata: Buffer
}

export type SyncOutcome =
  | {
      readonly kind: 'synced'
      readonly protocolType: string
      readonly protocolName: string
      readonly assignment: Buffer
    }
  | Refused

export type LeaveOutcome =
  | { readonly kind: 'left'; readonly members: readonly LeftMember[] }
  | Refused

export type LeftMember = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly refusal: GroupRefusal | null
}
