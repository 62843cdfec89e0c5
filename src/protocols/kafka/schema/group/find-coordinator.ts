import {
  api,
  between,
  int16,
  int32,
  int8,
  listOf,
  nullableString,
  since,
  string,
  until,
} from '../dsl.ts'

/**
 * Says which broker looks after a group (key type 0), a transactional id (1) or the state of
 * a share partition (2). From version 4 on, for many keys at once.
 */
export const findCoordinator = api({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexibleFrom: 3,
  request: {
    key: until(3, string, ''),
    keyType: since(1, int8, 0),
    coordinatorKeys: since(4, listOf(string), []),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: until(3, int16, 0),
    errorMessage: between(1, 3, nullableString, ''),
    nodeId: until(3, int32, 0),
    host: until(3, string, ''),
    port: until(3, int32, 0),
    coordinators: since(
      4,
      listOf({
        key: string,
        nodeId: int32,
        host: string,
        port: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
      [],
    ),
  },
})
