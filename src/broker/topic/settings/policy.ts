import type { CompactionPolicy, Durability, LogPolicy } from '../../../log/store.ts'
import type { TopicSettings } from '../topic.ts'
import { entriesOf } from './setting.ts'
import type { TopicSettingName } from './topic-settings.ts'

/** The value in force of a setting of one topic, as text. */
export type Lookup = (name: TopicSettingName) => string

/** What the store does with the logs of a topic. */
export function logPolicy(lookup: Lookup): LogPolicy {
  const cleanup = entriesOf(lookup('cleanup.policy'))
  const deletes = cleanup.includes('delete')
  return {
    // The lookup gives checked values only.
    durability: lookup('sabir.durability') as Durability,
    retentionMs: deletes ? limitOf(lookup('retention.ms')) : null,
    retentionBytes: deletes ? limitOf(lookup('retention.bytes')) : null,
    segmentBytes: numberOf(lookup('segment.bytes')),
    segmentMs: numberOf(lookup('segment.ms')),
    compaction: cleanup.includes('compact') ? compactionPolicy(lookup) : null,
  }
}

function compactionPolicy(lookup: Lookup): CompactionPolicy {
  return {
    tombstoneRetentionMs: numberOf(lookup('delete.retention.ms')),
    dirtyRatioMin: Number(lookup('min.cleanable.dirty.ratio')),
    lagMsMin: numberOf(lookup('min.compaction.lag.ms')),
    lagMsMax: numberOf(lookup('max.compaction.lag.ms')),
  }
}

/** What the broker itself acts on. */
export function topicSettingsOf(lookup: Lookup): TopicSettings {
  return {
    batchBytesMax: numberOf(lookup('max.message.bytes')),
    timestampType: lookup('message.timestamp.type') === 'LogAppendTime' ? 'append' : 'create',
    timestampBeforeMsMax: numberOf(lookup('message.timestamp.before.max.ms')),
    timestampAfterMsMax: numberOf(lookup('message.timestamp.after.max.ms')),
    // The lookup gives checked values only.
    compression: lookup('compression.type') as TopicSettings['compression'],
    isCompacted: entriesOf(lookup('cleanup.policy')).includes('compact'),
  }
}

/** 64-bit texts become safe integers: beyond 285,000 years, "for ever" is near enough. */
export function numberOf(text: string): number {
  const value = Number(text)
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value))
}

/** A negative limit is none. */
function limitOf(text: string): number | null {
  const value = numberOf(text)
  return value < 0 ? null : value
}
