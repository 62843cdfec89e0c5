import { assert, unreachable } from '../../lib/assert.ts'
import type { Log, LogId } from '../../log/store.ts'
import type { BrokerSettings } from '../settings.ts'
import { type Lookup, topicSettingsOf } from './settings/policy.ts'
import { SettingLayers } from './settings/layers.ts'
import type { TopicEvent } from './topic-events.ts'
import { collisionKey, DEFAULT_NAMESPACE, topicKey } from './topic-names.ts'
import { PartitionState, TopicState } from './topic-state.ts'
import type { Topic, TopicSettings, Uuid } from './topic.ts'

/** Shared by the many topics that have none. */
const NO_OVERRIDES: ReadonlyMap<string, string> = new Map()

/** All topics and settings, as the events so far made them. It decides nothing. */
export class Catalogue {
  readonly layers: SettingLayers
  clusterId: Uuid | null = null
  readonly byName = new Map<string, TopicState>()
  readonly byId = new Map<Uuid, TopicState>()
  readonly byLog = new Map<LogId, PartitionState>()
  readonly byCollisionKey = new Map<string, TopicState>()
  readonly createdListeners: ((topic: Topic) => void)[] = []
  readonly deletedListeners: ((topic: Topic) => void)[] = []
  /** Gives logs to partitions; null while the store replays. */
  #logOf: ((id: LogId) => Log | undefined) | null = null
  /** Shared by all topics that set nothing themselves. */
  #settingsShared: TopicSettings | null = null

  constructor(settings: BrokerSettings) {
    this.layers = new SettingLayers(settings)
  }

  /** From here on there are logs. */
  bind(logOf: (id: LogId) => Log | undefined): void {
    this.#logOf = logOf
    for (const partition of this.byLog.values()) partition.bind(logOf(partition.logId))
  }

  lookup(overrides: ReadonlyMap<string, string>): Lookup {
    return name => this.layers.topicValue(name, overrides)
  }

  existing(id: Uuid): TopicState {
    const topic = this.byId.get(id)
    assert(topic !== undefined, 'events are about topics that are there')
    return topic
  }

  evolve(event: TopicEvent): void {
    switch (event.kind) {
      case 'founded':
        this.clusterId = event.clusterId
        break
      case 'created':
        this.#add(event)
        break
      case 'deleted':
        this.#remove(this.existing(event.id))
        break
      case 'grown':
        this.#grow(this.existing(event.id), event.logs)
        break
      case 'altered': {
        const topic = this.existing(event.id)
        topic.overrides = new Map(Object.entries(event.overrides))
        topic.settings = this.#settingsOf(topic.overrides)
        break
      }
      case 'configured':
        this.layers.configure(event.scope, event.name, event.values)
        if (event.scope === 'broker') this.#defaultsChanged()
        break
      default:
        unreachable(event)
    }
  }

  /** The events that would make all this anew. */
  *events(): Generator<TopicEvent> {
    if (this.clusterId !== null) yield { kind: 'founded', clusterId: this.clusterId }
    for (const scope of ['broker', 'group'] as const) {
      for (const name of this.layers.names(scope)) {
        yield { kind: 'configured', scope, name, values: this.layers.values(scope, name) }
      }
    }
    for (const topic of this.byName.values()) yield createdEvent(topic)
  }

  #add(event: TopicEvent & { kind: 'created' }): void {
    const given = Object.entries(event.overrides)
    const overrides = given.length === 0 ? NO_OVERRIDES : new Map(given)
    const topic = new TopicState({
      name: event.name,
      namespace: event.namespace ?? DEFAULT_NAMESPACE,
      id: event.id,
      isInternal: event.isInternal,
      isHidden: event.isHidden ?? false,
      overrides,
      settings: this.#settingsOf(overrides),
      logs: event.logs,
    })
    this.byName.set(topicKey(topic.namespace, topic.name), topic)
    this.byId.set(topic.id, topic)
    this.byCollisionKey.set(topicKey(topic.namespace, collisionKey(topic.name)), topic)
    for (const partition of topic.partitions) this.#addPartition(partition)
    for (const listener of this.createdListeners) listener(topic)
  }

  #remove(topic: TopicState): void {
    topic.isDeleted = true
    this.byName.delete(topicKey(topic.namespace, topic.name))
    this.byId.delete(topic.id)
    const collision = topicKey(topic.namespace, collisionKey(topic.name))
    if (this.byCollisionKey.get(collision) === topic) this.byCollisionKey.delete(collision)
    for (const { logId } of topic.partitions) this.byLog.delete(logId)
    for (const listener of this.deletedListeners) listener(topic)
  }

  #grow(topic: TopicState, logs: readonly LogId[]): void {
    for (const logId of logs) {
      const partition = new PartitionState(topic, topic.partitions.length, logId)
      topic.partitions.push(partition)
      this.#addPartition(partition)
    }
  }

  #addPartition(partition: PartitionState): void {
    this.byLog.set(partition.logId, partition)
    if (this.#logOf !== null) partition.bind(this.#logOf(partition.logId))
  }

  #defaultsChanged(): void {
    this.#settingsShared = null
    for (const topic of this.byName.values()) topic.settings = this.#settingsOf(topic.overrides)
  }

  #settingsOf(overrides: ReadonlyMap<string, string>): TopicSettings {
    if (overrides.size > 0) return topicSettingsOf(this.lookup(overrides))
    this.#settingsShared ??= topicSettingsOf(this.lookup(overrides))
    return this.#settingsShared
  }
}

function createdEvent(topic: TopicState): TopicEvent {
  return {
    kind: 'created',
    id: topic.id,
    name: topic.name,
    isInternal: topic.isInternal,
    logs: topic.partitions.map(({ logId }) => logId),
    overrides: Object.fromEntries(topic.overrides),
    ...(topic.namespace === DEFAULT_NAMESPACE ? {} : { namespace: topic.namespace }),
    ...(topic.isHidden ? { isHidden: true } : {}),
  }
}
