import { api, bytes, int16, int32, int64, listOf, nullableListOf, since, string } from '../dsl.ts'

/** Lists delegation tokens; null asks for those of every owner. */
export const describeDelegationToken = api({
  key: 41,
  name: 'DescribeDelegationToken',
  versions: [0, 3],
  flexibleFrom: 2,
  request: {
    owners: nullableListOf({
      principalType: string,
      principalName: string,
    }),
  },
  response: {
    errorCode: int16,
    tokens: listOf({
      principalType: string,
      principalName: string,
      tokenRequesterPrincipalType: since(3, string, ''),
      tokenRequesterPrincipalName: since(3, string, ''),
      issueTimestamp: int64,
      expiryTimestamp: int64,
      maxTimestamp: int64,
      tokenId: string,
      hmac: bytes,
      renewers: listOf({
        principalType: string,
        principalName: string,
      }),
    }),
    throttleTimeMs: int32,
  },
})
