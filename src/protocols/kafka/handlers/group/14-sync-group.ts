import type { SyncOutcome } from '../../../../broker/group/index.ts'
import { errorCode } from '../../constants.ts'
import { syncGroup } from '../../schema/index.ts'
import type { ResponseDraft } from '../../schema/dsl.ts'
import { handler } from '../handler.ts'
import { groupError } from './refusal.ts'
import { waitForReply } from './waiting.ts'

const NO_ASSIGNMENT = Buffer.alloc(0)

/** The answer waits until the leader's assignment is safe. */
export const syncGroupHandler = handler(syncGroup, [0, 5], async (request, context) => {
  const command = {
    memberId: request.memberId,
    instanceId: request.groupInstanceId,
    generation: request.generationId,
    protocolType: request.protocolType,
    protocolName: request.protocolName,
    // Copied, because they stay and the frame they lie in should not.
    assignments: new Map(
      request.assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)]),
    ),
  }
  const ended = { kind: 'refused', refusal: 'unavailable' } as const
  const outcome = await waitForReply<SyncOutcome>(context, ended, reply =>
    context.broker.groups.sync(request.groupId, command, reply),
  )
  return response(outcome)
})

function response(outcome: SyncOutcome): ResponseDraft<typeof syncGroup> {
  if (outcome.kind === 'refused')
    return { errorCode: groupError(outcome.refusal), assignment: NO_ASSIGNMENT }
  const { protocolType, protocolName, assignment } = outcome
  return { errorCode: errorCode.NONE, protocolType, protocolName, assignment }
}
