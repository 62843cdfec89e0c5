export type { JoinCommand, LeaveRequest, MemberClaim, SyncCommand } from './command.ts'
export type { GroupState } from './cycle.ts'
export type { GroupDescription, GroupListing, MemberDescription } from './describe.ts'
export type { OffsetToCommit } from './events.ts'
export type { CommittedOffset, GroupOffsets } from './facts.ts'
export { Groups, type OffsetCommitCommand } from './groups.ts'
export type { MemberProtocol } from './member.ts'
export type {
  GroupRefusal,
  JoinOutcome,
  LeaveOutcome,
  LeftMember,
  Reply,
  SyncOutcome,
} from './outcome.ts'
