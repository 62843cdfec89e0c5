import type { GroupState } from '../../../../broker/group/index.ts'

/** The states as clients and their tools spell them. */
export const stateName = {
  empty: 'Empty',
  preparing: 'PreparingRebalance',
  completing: 'CompletingRebalance',
  stable: 'Stable',
} as const satisfies Record<GroupState, string>

/** The state of a group that does not exist. */
export const DEAD = 'Dead'
