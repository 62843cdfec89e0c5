import { BrokerError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { SettingValues, Topic, Topics } from '../topic/index.ts'
import type { QueueSpec } from './queue.ts'
import type { QueueSettings } from './settings.ts'

/** Room is given back in whole segments, and what is in a queue comes and goes. */
const SEGMENT_BYTES = 64 * 1024 * 1024

/** The topic a queue hands out records of: the one that is there, or its own, made now. */
export function topicOf(
  topics: Topics,
  runtime: Runtime,
  spec: QueueSpec,
  settings: QueueSettings,
): { readonly topic: Topic; readonly isOwn: boolean } {
  const { namespace, name, source } = spec
  const there = topics.find(namespace, source ?? name)
  if (there !== undefined) return { topic: there, isOwn: false }
  if (source !== null)
    throw new BrokerError('not-found', `There is no topic '${source}' for queue '${name}'.`)
  const topic = topics.createNow({
    namespace,
    name,
    // Keys of lists are longer than names of AMQP.
    naming: spec.isImplicit === true ? 'long' : 'free',
    isHidden: spec.owner !== null,
    partitionCount: 1,
    overrides: overridesOf(runtime, spec, settings),
  })
  return { topic, isOwn: true }
}

/** What is not settled is never dropped: queues shorten their logs themselves. */
const NO_RETENTION: SettingValues = { 'retention.ms': '-1', 'retention.bytes': '-1' }

const streamOverrides = ({ retentionMs, retentionBytes }: QueueSettings): SettingValues => ({
  'retention.ms': String(retentionMs ?? -1),
  'retention.bytes': String(retentionBytes ?? -1),
})

/** Sets for the topic of a stream what is in force for it, where that is something else now. */
export function changeStream(
  topics: Topics,
  runtime: Runtime,
  queue: {
    readonly topic: Topic
    readonly spec: QueueSpec
    readonly settings: QueueSettings
  },
): void {
  const { topic, spec, settings } = queue
  const change = streamChange(topic, settings)
  if (change === undefined) return
  topics.alter(topic.id, change).catch((error: unknown) => {
    const facts = { namespace: spec.namespace, queue: spec.name, error }
    runtime.logger.warn(facts, 'the retention of a stream could not be changed')
  })
}

/** What is to be set for the topic of a stream where a policy changed; undefined for nothing. */
function streamChange(topic: Topic, settings: QueueSettings): SettingValues | undefined {
  const wanted = Object.entries(streamOverrides(settings))
  if (wanted.every(([name, value]) => topic.overrides.get(name) === value)) return undefined
  return Object.fromEntries([...topic.overrides, ...wanted])
}

function overridesOf(runtime: Runtime, spec: QueueSpec, settings: QueueSettings): SettingValues {
  const overrides: Record<string, string> = {
    ...(spec.type === 'stream' ? streamOverrides(settings) : NO_RETENTION),
    'segment.bytes': String(SEGMENT_BYTES),
  }
  const isSynced = runtime.settings.durability === 'sync'
  if (!spec.isDurable && isSynced) overrides['sabir.durability'] = 'async'
  return overrides
}
