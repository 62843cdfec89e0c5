import {
  api,
  bool,
  int16,
  int32,
  int8,
  listOf,
  nullableListOf,
  nullableString,
  since,
  string,
  until,
} from '../dsl.ts'

/** Settings of topics and brokers, with where each value comes from. */
export const describeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: [0, 4],
  flexibleFrom: 4,
  request: {
    resources: listOf({
      resourceType: int8,
      resourceName: string,
      configurationKeys: nullableListOf(string),
    }),
    includeSynonyms: since(1, bool, false),
    includeDocumentation: since(3, bool, false),
  },
  response: {
    throttleTimeMs: int32,
    results: listOf({
      errorCode: int16,
      errorMessage: nullableString,
      resourceType: int8,
      resourceName: string,
      configs: listOf({
        name: string,
        value: nullableString,
        readOnly: bool,
        isDefault: until(0, bool, false),
        configSource: since(1, int8, -1),
        isSensitive: bool,
        synonyms: since(
          1,
          listOf({
            name: string,
            value: nullableString,
            source: int8,
          }),
          [],
        ),
        configType: since(3, int8, 0),
        documentation: since(3, nullableString, ''),
      }),
    }),
  },
})
