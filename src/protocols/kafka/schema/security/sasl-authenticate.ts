import { api, bytes, int16, int64, nullableString, since } from '../dsl.ts'

/** Carries the tokens of a SASL mechanism, after SaslHandshake 1. */
export const saslAuthenticate = api({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleFrom: 2,
  request: {
    authBytes: bytes,
  },
  response: {
    errorCode: int16,
    errorMessage: nullableString,
    authBytes: bytes,
    sessionLifetimeMs: since(1, int64, 0),
  },
})
