import { api, bool, defaulted, int16, int32, int64, nullableString, since } from '../dsl.ts'

/**
 * Gives a producer its id and epoch, or the next epoch. Version 6 is a preview of two-phase
 * commit.
 */
export const initProducerId = api({
  key: 22,
  name: 'InitProducerId',
  versions: [0, 6],
  flexibleFrom: 2,
  request: {
    transactionalId: nullableString,
    transactionTimeoutMs: int32,
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
    enable2Pc: since(6, bool, false),
    keepPreparedTxn: since(6, bool, false),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    producerId: defaulted(int64, -1),
    producerEpoch: int16,
    ongoingTxnProducerId: since(6, int64, -1),
    ongoingTxnProducerEpoch: since(6, int16, -1),
  },
})
