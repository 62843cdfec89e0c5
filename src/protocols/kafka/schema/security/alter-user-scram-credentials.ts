import { api, bytes, int16, int32, int8, listOf, nullableString, string } from '../dsl.ts'

/** Adds, changes and removes SCRAM credentials. The password arrives salted and hashed. */
export const alterUserScramCredentials = api({
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: [0, 0],
  flexibleFrom: 0,
  request: {
    deletions: listOf({
      name: string,
      mechanism: int8,
    }),
    upsertions: listOf({
      name: string,
      mechanism: int8,
      iterations: int32,
      salt: bytes,
      saltedPassword: bytes,
    }),
  },
  response: {
    throttleTimeMs: int32,
    results: listOf({
      user: string,
      errorCode: int16,
      errorMessage: nullableString,
    }),
  },
})
