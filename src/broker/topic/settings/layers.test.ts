import { expect, test } from 'vitest'
import { brokerSettingsDefault, type BrokerSettings } from '../../settings.ts'
import { brokerSettings } from './broker-settings.ts'
import { ALL_BROKERS, SettingLayers, type SourcedValue } from './layers.ts'
import { topicSettings } from './topic-settings.ts'

const none: ReadonlyMap<string, string> = new Map()

function layers(settings: Partial<BrokerSettings> = {}): SettingLayers {
  return new SettingLayers({ ...brokerSettingsDefault, ...settings })
}

const show = (sources: readonly SourcedValue[]): string[] =>
  sources.map(({ name, value, source }) => `${source} ${name}=${value}`)

test('layers: topic over broker over all brokers over file over default', () => {
  const some = layers({ topicDefaults: { 'retention.ms': '4' } })
  const retention = topicSettings.get('retention.ms')!
  expect(some.topicValue('retention.ms', none)).toBe('4')
  some.configure('broker', ALL_BROKERS, { 'log.retention.ms': '3' })
  expect(some.topicValue('retention.ms', none)).toBe('3')
  some.configure('broker', '1', { 'log.retention.ms': '2' })
  expect(some.topicValue('retention.ms', none)).toBe('2')
  const own = new Map([['retention.ms', '1']])
  expect(some.topicValue('retention.ms', own)).toBe('1')
  expect(show(some.topicSources(retention, own))).toEqual([
    'topic retention.ms=1',
    'broker log.retention.ms=2',
    'all-brokers log.retention.ms=3',
    'file log.retention.ms=4',
  ])
})

test('layers: what is set for another broker does not count', () => {
  const some = layers()
  some.configure('broker', '7', { 'log.retention.ms': '2' })
  expect(some.topicValue('retention.ms', none)).toBe('604800000')
})

test('layers: nothing set is nothing kept', () => {
  const some = layers()
  some.configure('group', 'g', { 'consumer.session.timeout.ms': '50000' })
  expect(some.names('group')).toEqual(['g'])
  some.configure('group', 'g', {})
  expect(some.names('group')).toEqual([])
})

test("layers: the broker's durability is the default of topics", () => {
  expect(layers().topicValue('sabir.durability', none)).toBe('sync')
  expect(layers({ durability: 'async' }).topicValue('sabir.durability', none)).toBe('async')
  const both = layers({ durability: 'async', topicDefaults: { 'sabir.durability': 'memory' } })
  expect(both.topicValue('sabir.durability', none)).toBe('memory')
})

test('broker settings: every name a topic setting falls back to is there, in its unit', () => {
  for (const setting of topicSettings.values()) {
    const last = setting.brokerNames.at(-1)
    if (last === undefined) continue
    const standard = brokerSettings.get(last.name)?.default
    expect(Number(standard) * last.unitMs || standard, setting.name).toEqual(
      Number(setting.default) || setting.default,
    )
  }
})

test('broker settings: what is as Kafka has it counts as default', () => {
  const fixed = (name: string, settings: Partial<BrokerSettings>): string | null | undefined =>
    brokerSettings.get(name)?.fixed({ ...brokerSettingsDefault, ...settings })
  expect(fixed('num.partitions', {})).toBeNull()
  expect(fixed('num.partitions', { partitionsDefault: 3 })).toBe('3')
  expect(fixed('group.initial.rebalance.delay.ms', {})).toBe('0')
  expect(fixed('log.dirs', { dataFolder: '/data' })).toBe('/data')
})
