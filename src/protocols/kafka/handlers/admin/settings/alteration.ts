import {
  brokerSettings,
  changed,
  groupSettings,
  type SettingChange,
  settingFlaw,
  type SettingValues,
  topicSettings,
} from '../../../../../broker/topic/index.ts'
import { configResourceType as kind, errorCode } from '../../../constants.ts'
import { type ErrorAnswer, errorAnswer, success } from '../../../errors.ts'
import type { Context } from '../../handler.ts'
import { brokerNameFlaw, kindFlaw, refused, type Resource } from './resources.ts'

export type Alteration = Resource & {
  readonly changes: readonly SettingChange[]
  /** Whether what no change names goes back to its default. */
  readonly replaces: boolean
  readonly validateOnly: boolean
}

/** Changes the settings of a topic, a broker, all brokers or a group, or says why not. */
export async function alterResource(
  alteration: Alteration,
  context: Context,
): Promise<ErrorAnswer> {
  try {
    switch (alteration.resourceType) {
      case kind.TOPIC:
        return await alterTopic(alteration, context)
      case kind.BROKER:
        return await alterBroker(alteration, context)
      case kind.GROUP:
        return await alterGroup(alteration, context)
      default:
        return kindFlaw(alteration)
    }
  } catch (error) {
    return errorAnswer(error)
  }
}

async function alterTopic(alteration: Alteration, context: Context): Promise<ErrorAnswer> {
  const { topics } = context.broker
  const topic = topics.byName(alteration.resourceName)
  if (topic === undefined) {
    return {
      errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION,
      errorMessage: `The topic '${alteration.resourceName}' does not exist.`,
    }
  }
  const before = Object.fromEntries(topic.overrides)
  const overrides = changed(alteration.replaces ? {} : before, alteration.changes, {
    setting: name => topicSettings.get(name),
    inForce: name => {
      const setting = topicSettings.get(name)
      return setting === undefined ? null : topics.layers.topicValue(setting.name, topic.overrides)
    },
  })
  const flaw = topics.alterFlaw(topic, overrides)
  if (flaw !== undefined) throw flaw
  if (!alteration.validateOnly) await topics.alter(topic.id, overrides)
  return success
}

async function alterBroker(alteration: Alteration, context: Context): Promise<ErrorAnswer> {
  const { topics } = context.broker
  const { resourceName } = alteration
  const { layers } = topics
  const nameFlaw = brokerNameFlaw(resourceName, topics)
  if (nameFlaw !== undefined) return nameFlaw
  const names = alteration.changes.map(({ name }) => name)
  const fixed = names.filter(isFixed)
  if (fixed.length > 0) {
    return refused(`Cannot update these configs dynamically: Set(${fixed.join(', ')})`)
  }
  const before = layers.values('broker', resourceName)
  const values = changed(alteration.replaces ? {} : before, alteration.changes, {
    setting: name => brokerSettings.get(name),
    inForce: name => {
      const setting = brokerSettings.get(name)
      return setting === undefined ? null : (layers.brokerSources(setting)[0]?.value ?? null)
    },
  })
  const flaw = firstFlaw(values, brokerSettings)
  if (flaw !== undefined) return refused(flaw)
  if (!alteration.validateOnly) await topics.configure('broker', resourceName, values)
  return success
}

/** Kafka can change its listeners while it runs. Here that would be a promise nobody keeps. */
const LISTENING = /^(advertised\.)?listeners?\b|^(ssl|sasl)\./

const isFixed = (name: string): boolean =>
  brokerSettings.get(name)?.isDynamic === false || LISTENING.test(name)

async function alterGroup(alteration: Alteration, context: Context): Promise<ErrorAnswer> {
  const { topics } = context.broker
  const { resourceName } = alteration
  if (resourceName === '') return refused('Default group resources are not allowed.')
  const before = topics.layers.values('group', resourceName)
  const values = changed(alteration.replaces ? {} : before, alteration.changes, {
    setting: name => groupSettings.get(name),
    inForce: name => groupSettings.get(name)?.default ?? null,
  })
  const stranger = Object.keys(values).find(name => !groupSettings.has(name))
  const flaw =
    stranger === undefined
      ? firstFlaw(values, groupSettings)
      : `Unknown group config name: ${stranger}`
  if (flaw !== undefined) return { errorCode: errorCode.INVALID_CONFIG, errorMessage: flaw }
  if (!alteration.validateOnly) await topics.configure('group', resourceName, values)
  return success
}

/** Names that are not in the table may have any value. */
function firstFlaw(
  values: SettingValues,
  table: typeof brokerSettings | typeof groupSettings,
): string | undefined {
  for (const [name, value] of Object.entries(values)) {
    const setting = table.get(name)
    const flaw = setting === undefined ? undefined : settingFlaw(setting, value)
    if (flaw !== undefined) return flaw
  }
  return undefined
}
