import { AUTHORIZED_OPERATIONS_UNKNOWN, aclOperation, errorCode } from '../../constants.ts'
import { describeGroups } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'
import { DEAD, stateName } from './state-names.ts'

/** Everything that can be done to a group: nobody is kept from anything yet. */
const ALL_OPERATIONS = [
  aclOperation.READ,
  aclOperation.DELETE,
  aclOperation.DESCRIBE,
  aclOperation.DESCRIBE_CONFIGS,
  aclOperation.ALTER_CONFIGS,
].reduce((bits, operation) => bits | (1 << operation), 0)

/** Up to version 5 a group that does not exist is "Dead"; from 6 on it is an error, too. */
export const describeGroupsHandler = handler(describeGroups, [0, 6], (request, context) => {
  const authorizedOperations = request.includeAuthorizedOperations
    ? ALL_OPERATIONS
    : AUTHORIZED_OPERATIONS_UNKNOWN
  const groups = request.groups.map(groupId => ({
    groupId,
    ...describe(groupId, context),
    authorizedOperations,
  }))
  return { groups }
})

function describe(groupId: string, context: Context) {
  const group = context.broker.groups.describe(groupId)
  if (group === undefined) {
    const isError = context.version >= 6
    return {
      errorCode: isError ? errorCode.GROUP_ID_NOT_FOUND : errorCode.NONE,
      errorMessage: isError ? `Group ${groupId} not found.` : null,
      groupState: DEAD,
      protocolType: '',
      protocolData: '',
      members: [],
    }
  }
  return {
    errorCode: errorCode.NONE,
    errorMessage: null,
    groupState: stateName[group.state],
    protocolType: group.protocolType,
    protocolData: group.protocolName,
    members: group.members.map(member => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: member.metadata,
      memberAssignment: member.assignment,
    })),
  }
}
