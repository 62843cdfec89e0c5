import { heartbeat } from '../../schema/index.ts'
import { handler } from '../handler.ts'
import { groupError } from './refusal.ts'

export const heartbeatHandler = handler(heartbeat, [0, 4], (request, context) => {
  const refusal = context.broker.groups.heartbeat(request.groupId, {
    memberId: request.memberId,
    instanceId: request.groupInstanceId,
    generation: request.generationId,
  })
  return { errorCode: groupError(refusal) }
})
