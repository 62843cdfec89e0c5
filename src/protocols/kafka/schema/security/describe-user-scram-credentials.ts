import { api, int16, int32, int8, listOf, nullableListOf, nullableString, string } from '../dsl.ts'

/** Which users have SCRAM credentials, and of which kinds. Null or none asks for all. */
export const describeUserScramCredentials = api({
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    users: nullableListOf({
      name: string,
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    results: listOf({
      user: string,
      errorCode: int16,
      errorMessage: nullableString,
      credentialInfos: listOf({
        mechanism: int8,
        iterations: int32,
      }),
    }),
  },
})
