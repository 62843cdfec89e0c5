import { BrokerError } from '../errors.ts'
import { numberOf } from './settings/policy.ts'
import { settingFlaw } from './settings/setting.ts'
import { topicSettings } from './settings/topic-settings.ts'
import type { SettingValues } from './topic-events.ts'

/** As many as Kafka makes in one go; more would stall everybody for seconds. */
export const PARTITIONS_PER_TOPIC_MAX = 10_000

export function partitionCountFlaw(count: number): BrokerError | undefined {
  if (!Number.isInteger(count) || count < 1) {
    return new BrokerError(
      'invalid-partitions',
      'Number of partitions was set to an invalid non-positive value.',
    )
  }
  if (count <= PARTITIONS_PER_TOPIC_MAX) return undefined
  return new BrokerError(
    'invalid-partitions',
    `A topic can have ${PARTITIONS_PER_TOPIC_MAX} partitions at most, not ${count}.`,
  )
}

/** What is wrong with what somebody sets for a topic, in Kafka's words. */
export function overridesFlaw(
  overrides: SettingValues,
  inForce: (name: 'min.compaction.lag.ms' | 'max.compaction.lag.ms') => string,
): BrokerError | undefined {
  for (const [name, value] of Object.entries(overrides)) {
    const setting = topicSettings.get(name)
    if (setting === undefined) {
      return new BrokerError('invalid-setting', `Unknown topic config name: ${name}`)
    }
    const flaw = settingFlaw(setting, value)
    if (flaw !== undefined) return new BrokerError('invalid-setting', flaw)
  }
  if (overrides['remote.storage.enable']?.trim().toLowerCase() === 'true') {
    return new BrokerError(
      'invalid-setting',
      'Tiered Storage functionality is disabled in the broker. ' +
        'Topic cannot be configured with remote log storage.',
    )
  }
  const [lagMin, lagMax] = [inForce('min.compaction.lag.ms'), inForce('max.compaction.lag.ms')]
  if (numberOf(lagMin) <= numberOf(lagMax)) return undefined
  return new BrokerError(
    'invalid-setting',
    'conflict topic config setting ' +
      `min.compaction.lag.ms (${lagMin}) > max.compaction.lag.ms (${lagMax})`,
  )
}
