import type { BrokerSettings } from '../../settings.ts'
import type { SettingScope, SettingValues } from '../topic-events.ts'
import { type BrokerSetting, brokerSettings } from './broker-settings.ts'
import type { BrokerName, Setting } from './setting.ts'
import { type TopicSettingName, topicSettings } from './topic-settings.ts'

/** Where a value comes from, the strongest first. */
export type SettingSource = 'topic' | 'group' | 'broker' | 'all-brokers' | 'file' | 'default'

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
  readonly #settings: BrokerSettings
  readonly #dynamic: Record<SettingScope, Map<string, SettingValues>> = {
    broker: new Map(),
    group: new Map(),
  }

  constructor(settings: BrokerSettings) {
    this.nodeName = String(settings.nodeId)
    this.#settings = settings
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
    const add = (value: string | null | undefined, source: SettingSource): void => {
      if (value != null) found.push({ name, value, source })
    }
    add(this.values('broker', this.nodeName)[name], 'broker')
    add(this.values('broker', ALL_BROKERS)[name], 'all-brokers')
    add(brokerSettings.get(name)?.fixed(this.#settings), 'file')
    return found
  }

  /**
   * All that stands behind a topic's setting, the strongest first. Like Apache's, it knows the
   * default of the first of the broker's names only: none for `retention.ms`.
   */
  topicSources(setting: Setting, overrides: ReadonlyMap<string, string>): SourcedValue[] {
    const override = overrides.get(setting.name)
    const own: SourcedValue[] =
      override === undefined ? [] : [{ name: setting.name, value: override, source: 'topic' }]
    const [first] = setting.brokerNames
    const isShown = ({ name, source }: SourcedValue): boolean =>
      source !== 'default' || name === first?.name
    return [...own, ...this.#sourcesOf(setting.brokerNames).filter(isShown)]
  }

  /** The same for a broker's setting. */
  brokerSources(setting: BrokerSetting): SourcedValue[] {
    return this.#sourcesOf([{ name: setting.name, unitMs: 1 }, ...setting.brokerNames])
  }

  #sourcesOf(names: readonly BrokerName[]): SourcedValue[] {
    const found: SourcedValue[] = []
    for (const { name } of names) {
      found.push(...this.brokerValues(name))
      const standard = brokerSettings.get(name)?.default ?? null
      if (standard !== null) found.push({ name, value: standard, source: 'default' })
    }
    return found
  }
}

/** Hours and minutes become milliseconds. */
function inTopicUnit(value: string, { unitMs }: BrokerName): string {
  return unitMs === 1 ? value : String(Number(value) * unitMs)
}
