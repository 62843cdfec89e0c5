import { api, bytes, int16, int32, int64Saturated } from '../dsl.ts'

/** Ends the life of a delegation token, at once or at a time. */
export const expireDelegationToken = api({
  key: 40,
  name: 'ExpireDelegationToken',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    hmac: bytes,
    expiryTimePeriodMs: int64Saturated,
  },
  response: {
    errorCode: int16,
    expiryTimestampMs: int64Saturated,
    throttleTimeMs: int32,
  },
})
