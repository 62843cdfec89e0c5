import { api, bool, int16, int32, int64, listOf, since, string, tagged } from '../dsl.ts'

/**
 * Which versions of which APIs the broker speaks. The header of the response is never
 * flexible, so that a client can read it whatever it asked for.
 */
export const apiVersions = api({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleFrom: 3,
  request: {
    clientSoftwareName: since(3, string, ''),
    clientSoftwareVersion: since(3, string, ''),
  },
  response: {
    errorCode: int16,
    apiKeys: listOf({
      apiKey: int16,
      minVersion: int16,
      maxVersion: int16,
    }),
    throttleTimeMs: since(1, int32, 0),
    supportedFeatures: tagged(
      0,
      3,
      listOf({
        name: string,
        minVersion: int16,
        maxVersion: int16,
      }),
      [],
    ),
    finalizedFeaturesEpoch: tagged(1, 3, int64, -1),
    finalizedFeatures: tagged(
      2,
      3,
      listOf({
        name: string,
        maxVersionLevel: int16,
        minVersionLevel: int16,
      }),
      [],
    ),
    zkMigrationReady: tagged(3, 3, bool, false),
  },
})
