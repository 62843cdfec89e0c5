import { expect, test } from 'vitest'
import { logPolicy, topicSettingsOf } from './policy.ts'
import { topicSettings, type TopicSettingName } from './topic-settings.ts'

const DAY_MS = 86_400_000

const lookup =
  (values: Record<string, string>) =>
  (name: TopicSettingName): string =>
    values[name] ?? topicSettings.get(name)?.default ?? ''

const standard = {
  durability: 'sync',
  retentionMs: 7 * DAY_MS,
  retentionBytes: null,
  segmentBytes: 1024 ** 3,
  segmentMs: 7 * DAY_MS,
  compaction: null,
}
const compaction = {
  tombstoneRetentionMs: DAY_MS,
  dirtyRatioMin: 0.5,
  lagMsMin: 0,
  lagMsMax: Number.MAX_SAFE_INTEGER,
}

const cases: [values: Record<string, string>, differs: object][] = [
  [{}, {}],
  [{ 'retention.ms': '-1' }, { retentionMs: null }],
  [{ 'retention.ms': '0' }, { retentionMs: 0 }],
  [{ 'retention.bytes': '1000' }, { retentionBytes: 1000 }],
  [{ 'retention.ms': '9223372036854775807' }, { retentionMs: Number.MAX_SAFE_INTEGER }],
  [{ 'cleanup.policy': 'compact' }, { retentionMs: null, compaction }],
  [
    { 'cleanup.policy': 'compact', 'retention.bytes': '5' },
    { retentionMs: null, compaction },
  ],
  [{ 'cleanup.policy': 'compact,delete' }, { compaction }],
  [{ 'cleanup.policy': '' }, { retentionMs: null }],
  [
    { 'segment.bytes': '100', 'segment.ms': '5' },
    { segmentBytes: 100, segmentMs: 5 },
  ],
  [{ 'sabir.durability': 'memory' }, { durability: 'memory' }],
  [
    {
      'cleanup.policy': 'delete,compact',
      'delete.retention.ms': '1',
      'min.cleanable.dirty.ratio': '0.1',
      'min.compaction.lag.ms': '2',
      'max.compaction.lag.ms': '3',
    },
    { compaction: { tombstoneRetentionMs: 1, dirtyRatioMin: 0.1, lagMsMin: 2, lagMsMax: 3 } },
  ],
]

test.each(cases)('policy of %j', (values, differs) => {
  expect(logPolicy(lookup(values))).toEqual({ ...standard, ...differs })
})

test('settings the broker acts on', () => {
  const values = {
    'max.message.bytes': '100',
    'message.timestamp.type': 'LogAppendTime',
    'message.timestamp.after.max.ms': '7',
    'compression.type': 'zstd',
    'cleanup.policy': 'compact',
  }
  expect(topicSettingsOf(lookup(values))).toEqual({
    batchBytesMax: 100,
    timestampType: 'append',
    timestampBeforeMsMax: Number.MAX_SAFE_INTEGER,
    timestampAfterMsMax: 7,
    compression: 'zstd',
    isCompacted: true,
  })
})
