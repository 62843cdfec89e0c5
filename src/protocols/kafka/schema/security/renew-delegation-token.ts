import { api, bytes, int16, int32, int64Saturated } from '../dsl.ts'

/** Prolongs the life of a delegation token. */
export const renewDelegationToken = api({
  key: 39,
  name: 'RenewDelegationToken',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    hmac: bytes,
    renewPeriodMs: int64Saturated,
  },
  response: {
    errorCode: int16,
    expiryTimestampMs: int64Saturated,
    throttleTimeMs: int32,
  },
})
