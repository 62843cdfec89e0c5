import { BrokerError } from '../../../../broker/errors.ts'
import { errorCode } from '../../constants.ts'
import { initProducerId } from '../../schema/index.ts'
import { handler } from '../handler.ts'

/**
 * 3: a producer may name the id it had; without a transactional id it gets another one all the
 * same. Transactional ids are refused with the one code that every client takes as final.
 */
export const initProducerIdHandler = handler(initProducerId, [0, 5], async (request, context) => {
  const failed = (code: number) => {
    return { throttleTimeMs: 0, errorCode: code, producerId: -1, producerEpoch: -1 }
  }
  if (request.transactionalId === '') return failed(errorCode.INVALID_REQUEST)
  if (request.transactionalId !== null) return failed(errorCode.UNSUPPORTED_VERSION)
  try {
    const producerId = await context.broker.producers.allocateId()
    return { throttleTimeMs: 0, errorCode: 0, producerId, producerEpoch: 0 }
  } catch (error) {
    if (BrokerError.from(error).kind !== 'unavailable') throw error
    return failed(errorCode.COORDINATOR_LOAD_IN_PROGRESS) // Clients try again, as they should.
  }
})
