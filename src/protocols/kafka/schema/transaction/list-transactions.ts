import { api, int16, int32, int64, listOf, nullableString, since, string } from '../dsl.ts'

/** The transactions there are, by state, producer, age (1) or pattern of their id (2). */
export const listTransactions = api({
  key: 66,
  name: 'ListTransactions',
  versions: [0, 2],
  flexibleFrom: 0,
  request: {
    stateFilters: listOf(string),
    producerIdFilters: listOf(int64),
    durationFilter: since(1, int64, -1),
    transactionalIdPattern: since(2, nullableString, null),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    unknownStateFilters: listOf(string),
    transactionStates: listOf({
      transactionalId: string,
      producerId: int64,
      transactionState: string,
    }),
  },
})
