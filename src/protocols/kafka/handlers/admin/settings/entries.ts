import {
  ALL_BROKERS,
  brokerSettings,
  groupSettings,
  type Setting,
  type SettingLayers,
  type SettingSource,
  type SettingType,
  type SourcedValue,
  topicSettings,
} from '../../../../../broker/topic/index.ts'
import { configSource, configType } from '../../../constants.ts'

/** A setting the way DescribeConfigs shows it. */
export type Entry = {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
  readonly configSource: number
  readonly isSensitive: boolean
  readonly synonyms: readonly Synonym[]
  readonly configType: number
  readonly documentation: string | null
}
type Synonym = { readonly name: string; readonly value: string | null; readonly source: number }

const sourceCode: Readonly<Record<SettingSource, number>> = {
  topic: configSource.TOPIC_CONFIG,
  group: configSource.GROUP_CONFIG,
  broker: configSource.DYNAMIC_BROKER_CONFIG,
  'all-brokers': configSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
  file: configSource.STATIC_BROKER_CONFIG,
  default: configSource.DEFAULT_CONFIG,
}

const typeCode: Readonly<Record<SettingType, number>> = {
  boolean: configType.BOOLEAN,
  string: configType.STRING,
  int: configType.INT,
  short: configType.SHORT,
  long: configType.LONG,
  double: configType.DOUBLE,
  list: configType.LIST,
  class: configType.CLASS,
  password: configType.PASSWORD,
}

/** All settings of a topic with these overrides. */
export function topicEntries(
  layers: SettingLayers,
  overrides: ReadonlyMap<string, string>,
): Entry[] {
  return [...topicSettings.values()].map(setting =>
    entryOf(setting, {
      value: layers.topicValue(setting.name, overrides),
      sources: layers.topicSources(setting, overrides),
      readOnly: false,
    }),
  )
}

/** All settings of this broker: what it runs with, and what was added under unknown names. */
export function brokerEntries(layers: SettingLayers): Entry[] {
  const known = [...brokerSettings.values()].map(setting => {
    const sources = layers.brokerSources(setting)
    const own = sources.find(({ name }) => name === setting.name)
    const value = own?.value ?? null
    return entryOf(setting, { value, sources, readOnly: !setting.isDynamic })
  })
  const names = new Set([
    ...Object.keys(layers.values('broker', layers.nodeName)),
    ...Object.keys(layers.values('broker', ALL_BROKERS)),
  ])
  const strange = [...names].filter(name => !brokerSettings.has(name))
  return [...known, ...strange.map(name => secretEntry(name, layers.brokerValues(name)))]
}

/** What was set for all brokers. */
export function allBrokersEntries(layers: SettingLayers): Entry[] {
  return Object.entries(layers.values('broker', ALL_BROKERS)).map(([name, value]) => {
    const sources: SourcedValue[] = [{ name, value, source: 'all-brokers' }]
    const setting = brokerSettings.get(name)
    if (setting === undefined) return secretEntry(name, sources)
    return entryOf(setting, { value, sources, readOnly: !setting.isDynamic })
  })
}

export function groupEntries(layers: SettingLayers, group: string): Entry[] {
  const values = layers.values('group', group)
  return [...groupSettings.values()].map(setting => {
    const { name } = setting
    const own = values[name]
    const sources: SourcedValue[] = [{ name, value: setting.default, source: 'default' }]
    if (own !== undefined) sources.unshift({ name, value: own, source: 'group' })
    return entryOf(setting, { value: own ?? setting.default, sources, readOnly: false })
  })
}

function entryOf(
  setting: Setting,
  facts: {
    readonly value: string | null
    readonly sources: readonly SourcedValue[]
    readonly readOnly: boolean
  },
): Entry {
  const isSensitive = setting.type === 'password'
  const [strongest] = facts.sources
  return {
    name: setting.name,
    value: isSensitive ? null : facts.value,
    readOnly: facts.readOnly,
    configSource: sourceCode[strongest?.source ?? 'default'],
    isSensitive,
    synonyms: facts.sources.map(({ name, value, source }) => ({
      name,
      value: isSensitive ? null : value,
      source: sourceCode[source],
    })),
    configType: typeCode[setting.type],
    documentation: setting.doc,
  }
}

/** What we do not know might be a password, so its value is not shown. */
function secretEntry(name: string, sources: readonly SourcedValue[]): Entry {
  return {
    name,
    value: null,
    readOnly: false,
    configSource: sourceCode[sources[0]?.source ?? 'default'],
    isSensitive: true,
    synonyms: sources.map(({ source }) => ({ name, value: null, source: sourceCode[source] })),
    configType: configType.UNKNOWN,
    documentation: null,
  }
}
