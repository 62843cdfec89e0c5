import { coordinatorType, errorCode } from '../../constants.ts'
import { advertisedAddress } from '../../advertised.ts'
import { findCoordinator } from '../../schema/index.ts'
import { type Context, handler } from '../handler.ts'

const NOWHERE = { nodeId: -1, host: '', port: -1 } as const

/**
 * Versions 0-6. This broker looks after every group. There are no transactions and share groups
 * yet: clients that ask for those get an error they do not retry, with the reason in words.
 */
export const findCoordinatorHandler = handler(findCoordinator, [0, 6], (request, context) => {
  const { keyType } = request
  if (context.version < 4) return coordinator(keyType, context)
  const coordinators = request.coordinatorKeys.map(key => ({
    key,
    ...coordinator(keyType, context),
  }))
  return { coordinators }
})

function coordinator(keyType: number, context: Context) {
  if (keyType === coordinatorType.GROUP) {
    const { nodeId } = context.broker.runtime.settings
    const { host, port } = advertisedAddress(context.peer)
    return { errorCode: errorCode.NONE, errorMessage: null, nodeId, host, port }
  }
  return { errorCode: errorCode.INVALID_REQUEST, errorMessage: flaw(keyType), ...NOWHERE }
}

function flaw(keyType: number): string {
  if (keyType === coordinatorType.TRANSACTION)
    return 'This broker does not serve transactions: produce without transactional.id.'
  if (keyType === coordinatorType.SHARE)
    return 'This broker does not serve share groups: use a consumer group.'
  return `Unknown coordinator type ${keyType}: 0 stands for groups.`
}
