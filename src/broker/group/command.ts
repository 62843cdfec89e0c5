import type { SavedGroup } from './events.ts'
import type { MemberProtocol } from './member.ts'
import type { JoinOutcome, Reply, SyncOutcome } from './outcome.ts'

export type JoinCommand = {
  /** Empty for one that has no id yet. */
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionMs: number
  readonly rebalanceMs: number
  readonly protocolType: string
  readonly protocols: readonly MemberProtocol[]
  /** A dynamic member gets its id and joins again with it: so lost answers leave no ghosts. */
  readonly mustKnowId: boolean
  /** The client understands `skipAssignment`. */
  readonly canSkipAssignment: boolean
  /** Why the client joins, in its own words. */
  readonly reason: string | null
}

export type SyncCommand = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly generation: number
  /** Null when the client does not say. */
  readonly protocolType: string | null
  readonly protocolName: string | null
  /** By member id; from the leader only. */
  readonly assignments: ReadonlyMap<string, Buffer>
}

/** Who speaks, and of which generation it believes itself a member. */
export type MemberClaim = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly generation: number
}

export type LeaveRequest = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly reason: string | null
}

/** What goes on once a group is saved. */
export type AfterSave =
  | {
      readonly kind: 'assign'
      readonly generation: number
      readonly assignments: ReadonlyMap<string, Buffer>
    }
  | {
      readonly kind: 'replaced'
      readonly memberId: string
      readonly leaderBefore: string
      readonly canSkipAssignment: boolean
    }

/** What a group wants done. Answers go out at once; what follows a save waits for the disk. */
export type GroupEffect =
  | {
      readonly kind: 'answerJoin'
      readonly reply: Reply<JoinOutcome>
      readonly outcome: JoinOutcome
    }
  | {
      readonly kind: 'answerSync'
      readonly reply: Reply<SyncOutcome>
      readonly outcome: SyncOutcome
    }
  | {
      readonly kind: 'save'
      readonly group: Omit<SavedGroup, 'savedAt'>
      readonly then: AfterSave | null
    }
  | { readonly kind: 'note'; readonly message: string; readonly facts: object }

/** One command's moment, on the clock that never goes back, and the effects it adds to. */
export type Step = { readonly now: number; readonly effects: GroupEffect[] }
