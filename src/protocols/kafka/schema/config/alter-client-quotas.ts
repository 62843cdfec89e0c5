import { api, bool, float64, int16, int32, listOf, nullableString, string } from '../dsl.ts'

/** Sets and removes quotas. A null name is the default of its type. */
export const alterClientQuotas = api({
  key: 49,
  name: 'AlterClientQuotas',
  versions: [0, 1],
  flexibleFrom: 1,
  request: {
    entries: listOf({
      entity: listOf({
        entityType: string,
        entityName: nullableString,
      }),
      ops: listOf({
        key: string,
        value: float64,
        remove: bool,
      }),
    }),
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32,
    entries: listOf({
      errorCode: int16,
      errorMessage: nullableString,
      entity: listOf({
        entityType: string,
        entityName: nullableString,
      }),
    }),
  },
})
