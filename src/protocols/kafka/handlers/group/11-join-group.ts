import type { JoinOutcome } from '../../../../broker/group/index.ts'
import { errorCode } from '../../constants.ts'
import { joinGroup } from '../../schema/index.ts'
import type { ResponseDraft } from '../../schema/dsl.ts'
import { handler } from '../handler.ts'
import { groupError } from './refusal.ts'
import { waitForReply } from './waiting.ts'

/** The answer waits until the group has a new generation. */
export const joinGroupHandler = handler(joinGroup, [0, 9], async (request, context) => {
  const { sessionTimeoutMs, rebalanceTimeoutMs } = request
  const command = {
    memberId: request.memberId,
    instanceId: request.groupInstanceId,
    clientId: context.clientId,
    clientHost: context.client.host,
    sessionMs: sessionTimeoutMs,
    // Version 0 knows one timeout for both.
    rebalanceMs: context.version === 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    protocolType: request.protocolType,
    // Copied, because they stay and the frame they lie in should not.
    protocols: request.protocols.map(({ name, metadata }) => ({
      name,
      metadata: Buffer.from(metadata),
    })),
    mustKnowId: context.version >= 4,
    canSkipAssignment: context.version >= 9,
    reason: request.reason,
  }
  const ended = { kind: 'refused', refusal: 'unavailable', memberId: request.memberId } as const
  const outcome = await waitForReply<JoinOutcome>(context, ended, reply =>
    context.broker.groups.join(request.groupId, command, reply),
  )
  return response(outcome, context.version)
})

function response(outcome: JoinOutcome, version: number): ResponseDraft<typeof joinGroup> {
  if (outcome.kind === 'refused') {
    return {
      errorCode: groupError(outcome.refusal),
      protocolName: version < 7 ? '' : null,
      leader: '',
      memberId: outcome.memberId,
      members: [],
    }
  }
  return {
    errorCode: errorCode.NONE,
    generationId: outcome.generation,
    protocolType: outcome.protocolType,
    protocolName: outcome.protocolName,
    leader: outcome.leader,
    skipAssignment: outcome.skipAssignment,
    memberId: outcome.memberId,
    members: outcome.members.map(({ memberId, instanceId, metadata }) => ({
      memberId,
      groupInstanceId: instanceId,
      metadata,
    })),
  }
}
