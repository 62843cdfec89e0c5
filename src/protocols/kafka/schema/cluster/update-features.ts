import {
  api,
  bool,
  defaulted,
  int16,
  int32,
  int8,
  listOf,
  nullableString,
  since,
  string,
  until,
} from '../dsl.ts'

/** Raises or lowers the levels of features of the whole cluster. */
export const updateFeatures = api({
  key: 57,
  name: 'UpdateFeatures',
  versions: [0, 2],
  flexibleFrom: 0,
  request: {
    timeoutMs: defaulted(int32, 60000),
    featureUpdates: listOf({
      feature: string,
      maxVersionLevel: int16,
      allowDowngrade: until(0, bool, false),
      upgradeType: since(1, int8, 1),
    }),
    validateOnly: since(1, bool, false),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    results: until(
      1,
      listOf({
        feature: string,
        errorCode: int16,
        errorMessage: nullableString,
      }),
      [],
    ),
  },
})
