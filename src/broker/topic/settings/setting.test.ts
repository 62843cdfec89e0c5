import { expect, test } from 'vitest'
import { entriesOf, settingFlaw } from './setting.ts'
import { groupSettings } from './group-settings.ts'
import { topicSettings } from './topic-settings.ts'

/** What Apache Kafka 4.2.1 answered, word for word, but for the bound of segment.bytes. */
const cases: [name: string, value: string, why: string | null][] = [
  [
    'segment.bytes',
    'abc',
    'Invalid value abc for configuration segment.bytes: Not a number of type INT',
  ],
  [
    'segment.bytes',
    '13',
    'Invalid value 13 for configuration segment.bytes: Value must be at least 14',
  ],
  ['segment.bytes', '14', null],
  [
    'retention.ms',
    '12x',
    'Invalid value 12x for configuration retention.ms: Not a number of type LONG',
  ],
  ['retention.ms', '', 'Invalid value  for configuration retention.ms: Not a number of type LONG'],
  [
    'retention.ms',
    '-5',
    'Invalid value -5 for configuration retention.ms: Value must be at least -1',
  ],
  ['retention.ms', '-1', null],
  ['retention.ms', ' 5 ', null],
  ['retention.ms', '9223372036854775807', null],
  [
    'retention.ms',
    '9223372036854775808',
    'Invalid value 9223372036854775808 for configuration retention.ms: Not a number of type LONG',
  ],
  ['retention.bytes', '-7', null],
  [
    'max.message.bytes',
    '99999999999',
    'Invalid value 99999999999 for configuration max.message.bytes: Not a number of type INT',
  ],
  [
    'cleanup.policy',
    'delete,foo',
    'Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete',
  ],
  ['cleanup.policy', 'compact, delete', null],
  ['cleanup.policy', '', null],
  [
    'compression.type',
    'foo',
    'Invalid value foo for configuration compression.type: ' +
      'String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
  ],
  [
    'message.timestamp.type',
    'foo',
    'Invalid value foo for configuration message.timestamp.type: ' +
      'String must be one of: CreateTime, LogAppendTime',
  ],
  [
    'preallocate',
    'foo',
    'Invalid value foo for configuration preallocate: Expected value to be either true or false',
  ],
  ['preallocate', 'TRUE', null],
  [
    'min.cleanable.dirty.ratio',
    '2',
    'Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1',
  ],
  [
    'min.cleanable.dirty.ratio',
    'x',
    'Invalid value x for configuration min.cleanable.dirty.ratio: Not a number of type DOUBLE',
  ],
  [
    'compression.gzip.level',
    '0',
    'Invalid value 0 for configuration compression.gzip.level: ' +
      'Value must be between 1 and 9 or equal to -1',
  ],
  ['compression.gzip.level', '-1', null],
  [
    'compression.lz4.level',
    '99',
    'Invalid value 99 for configuration compression.lz4.level: Value must be no more than 17',
  ],
  [
    'leader.replication.throttled.replicas',
    'x',
    'Invalid value [x] for configuration leader.replication.throttled.replicas: ' +
      "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in " +
      'the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...',
  ],
  ['leader.replication.throttled.replicas', '0:1,1:1', null],
  ['leader.replication.throttled.replicas', '*', null],
]

for (const [name, value, why] of cases) {
  test(`setting ${name}=${JSON.stringify(value)} is ${why === null ? 'fine' : 'refused'}`, () => {
    const setting = topicSettings.get(name)
    expect(setting && settingFlaw(setting, value)).toBe(why ?? undefined)
    expect(setting).toBeDefined()
  })
}

const resets: [value: string, isFine: boolean][] = [
  ['latest', true],
  ['earliest', true],
  ['by_duration:PT1H', true],
  ['by_duration:P1DT2H3M4.5S', true],
  ['by_duration:P', false],
  ['by_duration:PT', false],
  ['by_duration:1h', false],
  ['none', false],
]

test.each(resets)('share.auto.offset.reset=%s: %s', (value, isFine) => {
  const setting = groupSettings.get('share.auto.offset.reset')
  expect(setting && settingFlaw(setting, value) === undefined).toBe(isFine)
})

test('the default of every setting is a value that may be set', () => {
  for (const setting of [...topicSettings.values(), ...groupSettings.values()]) {
    expect(settingFlaw(setting, setting.default ?? ''), setting.name).toBeUndefined()
  }
})

test('lists: blanks and empty entries do not count', () => {
  expect(entriesOf(' a , b ,,c ')).toEqual(['a', 'b', 'c'])
  expect(entriesOf('')).toEqual([])
})
