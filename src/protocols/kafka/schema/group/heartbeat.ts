import { api, int16, int32, nullableString, since, string } from '../dsl.ts'

/** A member says it is alive. Versions 1 and 2 change only when throttling starts. */
export const heartbeat = api({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleFrom: 4,
  request: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
  },
})
