import { api, int16, listOf, string } from '../dsl.ts'

/** Names the SASL mechanism. In version 0 raw tokens follow, in version 1 SaslAuthenticate. */
export const saslHandshake = api({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexibleFrom: null,
  request: {
    mechanism: string,
  },
  response: {
    errorCode: int16,
    mechanisms: listOf(string),
  },
})
