import type { BrokerSettings } from '../../settings.ts'
import type { SettingScope, SettingValues } from '../topic-events.ts'
import type { BrokerName, Setting } from './setting.ts'
import { type TopicSettingName, topicSettings } from './topic-settings.ts'

/** Where a value comes from, the strongest first. */
export type SettingSource =
  | 'topic'
  | 'group'
  | 'client-metrics'
  | 'broker'
  | 'all-brokers'
  | 'file'
  | 'default'

export type SourcedValue = {
  readonly name: string
  readonly value: string | null
  readonly source: SettingSource
}

/** Set for all brokers, not for one. */
export const ALL_BROKERS = ''

/** Everything that is set above single topics: by people at run time, and by the configuration. */
export class SettingLayers {
  readonly nodeName: string
  readonly #fixed: ReadonlyMap<string, string>
  readonly #dynamic: Record<SettingScope, Map<string, SettingValues>> = {
    broker: new Map(),
    group: new Map(),
    'client-metrics': new Map(),
  }

  constructor(settings: BrokerSettings) {
    this.nodeName = String(settings.nodeId)
    this.#fixed = fixedValues(settings)
  }

  /** What people set at run time for one broker, all brokers ('') or a group. */
  values(scope: SettingScope, name: string): SettingValues {
    return this.#dynamic[scope].get(name) ?? {}
  }

  names(scope: SettingScope): readonly string[] {
    return [...this.#dynamic[scope].keys()]
  }

  configure(scope: SettingScope, name: string, values: SettingValues): void {
    if (Object.keys(values).length === 0) this.#dynamic[scope].delete(name)
    else this.#dynamic[scope].set(name, values)
  }

  /** The value in force for a topic with these overrides. */
  topicValue(name: TopicSettingName, overrides: ReadonlyMap<string, string>): string {
    const override = overrides.get(name)
    if (override !== undefined) return override
    const setting = topicSettings.get(name)
    for (const brokerName of setting?.brokerNames ?? []) {
      const [first] = this.brokerValues(brokerName.name)
      if (first?.value != null) return inTopicUnit(first.value, brokerName)
    }
    return setting?.default ?? ''
  }

  /** What is set under a broker's name for something, the strongest first; no defaults. */
  brokerValues(name: string): readonly SourcedValue[] {
    const found: SourcedValue[] = []
    const add = (value: string | undefined, source: SettingSource): void => {
      if (value !== undefined) found.push({ name, value, source })
    }
    add(this.values('broker', this.nodeName)[name], 'broker')
    add(this.values('broker', ALL_BROKERS)[name], 'all-brokers')
    add(this.#fixed.get(name), 'file')
    return found
  }

  /** All that stands behind a topic's setting, the strongest first, its default last. */
  topicSources(setting: Setting, overrides: ReadonlyMap<string, string>): SourcedValue[] {
    const found: SourcedValue[] = []
    const override = overrides.get(setting.name)
    if (override !== undefined) {
      found.push({ name: setting.name, value: override, source: 'topic' })
    }
    for (const { name } of setting.brokerNames) found.push(...this.brokerValues(name))
    const name = setting.brokerNames[0]?.name
    if (name !== undefined) found.push({ name, value: setting.default, source: 'default' })
    return found
  }
}

/** Hours and minutes become milliseconds. */
function inTopicUnit(value: string, { unitMs }: BrokerName): string {
  return unitMs === 1 ? value : String(Number(value) * unitMs)
}

/** The configuration speaks of topic settings; Kafka's tools show them under the broker's names. */
function fixedValues(settings: BrokerSettings): ReadonlyMap<string, string> {
  const fixed = new Map<string, string>()
  for (const [name, value] of Object.entries(settings.topicDefaults)) {
    const brokerName = topicSettings.get(name)?.brokerNames[0]?.name
    if (brokerName !== undefined) fixed.set(brokerName, value)
  }
  if (!fixed.has('sabir.durability')) fixed.set('sabir.durability', settings.durability)
  return fixed
}
