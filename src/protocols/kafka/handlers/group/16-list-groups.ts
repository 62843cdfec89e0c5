import { errorCode } from '../../constants.ts'
import { listGroups } from '../../schema/index.ts'
import { handler } from '../handler.ts'
import { stateName } from './state-names.ts'

const GROUP_TYPE = 'classic'

/** Filters are compared without regard to case; an empty one lets everything through. */
export const listGroupsHandler = handler(listGroups, [0, 5], (request, context) => {
  const states = new Set(request.statesFilter.map(state => state.trim().toLowerCase()))
  const types = request.typesFilter.map(type => type.trim().toLowerCase())
  const isWanted = types.length === 0 || types.includes(GROUP_TYPE)
  const groups = []
  for (const { groupId, state, protocolType } of isWanted ? context.broker.groups.list() : []) {
    const groupState = stateName[state]
    if (states.size > 0 && !states.has(groupState.toLowerCase())) continue
    groups.push({ groupId, protocolType, groupState, groupType: GROUP_TYPE })
  }
  return { errorCode: errorCode.NONE, groups }
})
