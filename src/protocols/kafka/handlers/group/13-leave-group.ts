import { errorCode } from '../../constants.ts'
import { leaveGroup } from '../../schema/index.ts'
import { handler } from '../handler.ts'
import { groupError } from './refusal.ts'

/** Up to version 2 one member leaves, and its error is the request's. */
export const leaveGroupHandler = handler(leaveGroup, [0, 5], (request, context) => {
  const { groupId } = request
  const isBatched = context.version >= 3
  const requests = isBatched
    ? request.members.map(({ memberId, groupInstanceId, reason }) => ({
        memberId,
        instanceId: groupInstanceId,
        reason,
      }))
    : [{ memberId: request.memberId, instanceId: null, reason: null }]
  const outcome = context.broker.groups.leave(groupId, requests)
  if (outcome.kind === 'refused') return { errorCode: groupError(outcome.refusal) }
  if (!isBatched) return { errorCode: groupError(outcome.members[0]?.refusal ?? null) }
  const members = outcome.members.map(({ memberId, instanceId, refusal }) => ({
    memberId,
    groupInstanceId: instanceId,
    errorCode: groupError(refusal),
  }))
  return { errorCode: errorCode.NONE, members }
})
