import {
  api,
  bool,
  float64,
  int16,
  int32,
  int8,
  listOf,
  nullableListOf,
  nullableString,
  string,
} from '../dsl.ts'

/** Finds quotas. Match types: 0 exactly, 1 the default, 2 any that is specified. */
export const describeClientQuotas = api({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: [0, 1],
  flexibleFrom: 1,
  request: {
    components: listOf({
      entityType: string,
      matchType: int8,
      match: nullableString,
    }),
    strict: bool,
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    entries: nullableListOf({
      entity: listOf({
        entityType: string,
        entityName: nullableString,
      }),
      values: listOf({
        key: string,
        value: float64,
      }),
    }),
  },
})
