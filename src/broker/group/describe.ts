import type { GroupState } from './cycle.ts'
import type { SavedGroup } from './events.ts'
import type { Group } from './group.ts'
import { NO_BYTES } from './member.ts'

export type GroupListing = {
  readonly groupId: string
  readonly state: GroupState
  /** Empty where nobody ever joined. */
  readonly protocolType: string
}

export type GroupDescription = {
  readonly state: GroupState
  readonly generation: number
  readonly protocolType: string
  /** Empty unless the group is stable. */
  readonly protocolName: string
  readonly members: readonly MemberDescription[]
}

export type MemberDescription = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Empty unless the group is stable. */
  readonly metadata: Buffer
  readonly assignment: Buffer
}

export function listGroup(
  groupId: string,
  live: Group | undefined,
  saved: SavedGroup | null,
): GroupListing {
  const protocolType = live === undefined ? saved?.protocolType : live.protocolType
  return { groupId, state: live?.state ?? 'empty', protocolType: protocolType ?? '' }
}

/** Undefined when there is no such group, `saved` null when only its offsets are known. */
export function describeGroup(
  live: Group | undefined,
  saved: SavedGroup | null | undefined,
): GroupDescription | undefined {
  if (live === undefined) {
    if (saved === undefined) return undefined
    const generation = saved?.generation ?? 0
    const protocolType = saved?.protocolType ?? ''
    return { state: 'empty', generation, protocolType, protocolName: '', members: [] }
  }
  const { state, generation } = live
  const protocolName = state === 'stable' ? (live.protocolName ?? '') : ''
  const members = [...live.members()].map(member => ({
    memberId: member.id,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    metadata: protocolName === '' ? NO_BYTES : member.metadata(protocolName),
    assignment: member.assignment,
  }))
  return { state, generation, protocolType: live.protocolType ?? '', protocolName, members }
}
