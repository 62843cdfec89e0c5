import {
  api,
  bytes,
  int16,
  int32,
  int64Saturated,
  listOf,
  nullableString,
  since,
  string,
} from '../dsl.ts'

/** Makes a token with which others may act for a principal. */
export const createDelegationToken = api({
  key: 38,
  name: 'CreateDelegationToken',
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    ownerPrincipalType: since(3, nullableString, ''),
    ownerPrincipalName: since(3, nullableString, ''),
    renewers: listOf({
      principalType: string,
      principalName: string,
    }),
    maxLifetimeMs: int64Saturated,
  },
  response: {
    errorCode: int16,
    principalType: string,
    principalName: string,
    tokenRequesterPrincipalType: since(3, string, ''),
    tokenRequesterPrincipalName: since(3, string, ''),
    issueTimestampMs: int64Saturated,
    expiryTimestampMs: int64Saturated,
    maxTimestampMs: int64Saturated,
    tokenId: string,
    hmac: bytes,
    throttleTimeMs: int32,
  },
})
