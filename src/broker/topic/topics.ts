import { assert, unreachable } from '../../lib/assert.ts'
import type { LogId, StateMachine } from '../../log/store.ts'
import { BrokerError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { SettingLayers } from './settings/layers.ts'
import { logPolicy, topicSettingsOf } from './settings/policy.ts'
import { settingFlaw } from './settings/setting.ts'
import { type TopicSettingName, topicSettings } from './settings/topic-settings.ts'
import {
  decodeEvent,
  decodeSnapshot,
  encodeEvent,
  encodeSnapshot,
  type TopicEvent,
} from './topic-events.ts'
import { randomUuid } from './topic-ids.ts'
import { collisionKey, topicNameFlaw } from './topic-names.ts'
import { PartitionState, TopicState } from './topic-state.ts'
import type { Partition, Topic, Uuid } from './topic.ts'

export type TopicSpec = {
  readonly name: string
  /** Null: the broker's default. */
  readonly partitionCount: number | null
  readonly overrides: ReadonlyMap<string, string>
  readonly isInternal?: boolean
}

const NO_OVERRIDES: ReadonlyMap<string, string> = new Map()

/**
 * All topics, by name and by id. Changes are decided in one go and visible at once; the promise
 * of a change resolves when it is on the disk, which is when its maker may be told.
 */
export class Topics implements StateMachine {
  readonly name = 'topics'
  readonly #runtime: Runtime
  readonly #layers: SettingLayers
  readonly #byName = new Map<string, TopicState>()
  readonly #byId = new Map<Uuid, TopicState>()
  readonly #byLog = new Map<LogId, PartitionState>()
  readonly #byCollisionKey = new Map<string, TopicState>()
  readonly #deletedListeners: ((topic: Topic) => void)[] = []
  #isStarted = false

  constructor(runtime: Runtime) {
    this.#runtime = runtime
    this.#layers = new SettingLayers(runtime.settings)
  }

  /** The store has replayed: from here on there are logs. */
  start(): void {
    this.#isStarted = true
    for (const topic of this.#byName.values()) {
      for (const partition of topic.partitions) this.#bind(partition)
      this.#applySettings(topic)
    }
  }

  stop(): void {
    this.#isStarted = false
  }

  get count(): number {
    return this.#byName.size
  }

  byName(name: string): Topic | undefined {
    return this.#byName.get(name)
  }

  byId(id: Uuid): Topic | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<Topic> {
    return this.#byName.values()
  }

  partition(name: string, index: number): Partition | undefined {
    return this.#byName.get(name)?.partitions[index]
  }

  partitionOfLog(id: LogId): Partition | undefined {
    return this.#byLog.get(id)
  }

  /** Called, live and while replaying, right after a topic is gone. Must not change topics. */
  onDeleted(listener: (topic: Topic) => void): void {
    this.#deletedListeners.push(listener)
  }

  /** Why this topic cannot be made, or undefined when it can. */
  createFlaw(spec: TopicSpec): BrokerError | undefined {
    if (this.#byName.has(spec.name)) {
      return new BrokerError('already-exists', `Topic '${spec.name}' already exists.`)
    }
    const nameFlaw = topicNameFlaw(spec.name)
    if (nameFlaw !== undefined) return new BrokerError('invalid-name', nameFlaw)
    const collision = this.#byCollisionKey.get(collisionKey(spec.name))
    if (collision !== undefined) {
      return new BrokerError(
        'invalid-name',
        `Topic '${spec.name}' collides with existing topic: ${collision.name}`,
      )
    }
    return overridesFlaw(spec.overrides) ?? partitionCountFlaw(spec.partitionCount)
  }

  async create(spec: TopicSpec): Promise<Topic> {
    const flaw = this.createFlaw(spec)
    if (flaw !== undefined) throw flaw
    this.#checkWelcome()
    const id = randomUuid(this.#runtime.random, taken => this.#byId.has(taken))
    const count = spec.partitionCount ?? this.#runtime.settings.partitionsDefault
    const policy = logPolicy(this.#lookup(spec.overrides))
    const logs = Array.from({ length: count }, () => this.#runtime.store.createLog(policy).id)
    this.#journal({
      kind: 'created',
      id,
      name: spec.name,
      isInternal: spec.isInternal ?? false,
      logs,
      overrides: Object.fromEntries(spec.overrides),
    })
    const topic = this.#byId.get(id)
    assert(topic !== undefined, 'a topic is there once its event is journaled')
    await this.#confirmed()
    return topic
  }

  /** The topic of that name, made with the broker's defaults if there is none. */
  async ensure(name: string): Promise<Topic> {
    return (
      this.#byName.get(name) ?? this.create({ name, partitionCount: null, overrides: NO_OVERRIDES })
    )
  }

  async delete(id: Uuid): Promise<void> {
    const topic = this.#byId.get(id)
    if (topic === undefined) throw new BrokerError('not-found', 'This server has no such topic.')
    this.#checkWelcome()
    this.#journal({ kind: 'deleted', id })
    for (const { logId } of topic.partitions) this.#runtime.store.deleteLog(logId)
    await this.#confirmed()
  }

  evolve(bytes: Buffer): void {
    this.#evolve(decodeEvent(bytes))
  }

  snapshot(): Buffer {
    const events: TopicEvent[] = []
    for (const scope of ['broker', 'group', 'client-metrics'] as const) {
      for (const name of this.#layers.names(scope)) {
        events.push({ kind: 'configured', scope, name, values: this.#layers.values(scope, name) })
      }
    }
    for (const topic of this.#byName.values()) events.push(createdEvent(topic))
    return encodeSnapshot(events)
  }

  restore(snapshot: Buffer): void {
    for (const event of decodeSnapshot(snapshot)) this.#evolve(event)
  }

  #evolve(event: TopicEvent): void {
    switch (event.kind) {
      case 'created':
        this.#add(event)
        break
      case 'deleted':
        this.#remove(event.id)
        break
      case 'grown':
        this.#grow(this.#existing(event.id), event.logs)
        break
      case 'altered': {
        const topic = this.#existing(event.id)
        topic.overrides = new Map(Object.entries(event.overrides))
        topic.settings = topicSettingsOf(this.#lookup(topic.overrides))
        break
      }
      case 'configured':
        this.#layers.configure(event.scope, event.name, event.values)
        break
      default:
        unreachable(event)
    }
  }

  #add(event: TopicEvent & { kind: 'created' }): void {
    const overrides = new Map(Object.entries(event.overrides))
    const topic = new TopicState({
      name: event.name,
      id: event.id,
      isInternal: event.isInternal,
      overrides,
      settings: topicSettingsOf(this.#lookup(overrides)),
    })
    this.#byName.set(topic.name, topic)
    this.#byId.set(topic.id, topic)
    this.#byCollisionKey.set(collisionKey(topic.name), topic)
    this.#grow(topic, event.logs)
  }

  #remove(id: Uuid): void {
    const topic = this.#existing(id)
    topic.isDeleted = true
    this.#byName.delete(topic.name)
    this.#byId.delete(id)
    this.#byCollisionKey.delete(collisionKey(topic.name))
    for (const { logId } of topic.partitions) this.#byLog.delete(logId)
    for (const listener of this.#deletedListeners) listener(topic)
  }

  #grow(topic: TopicState, logs: readonly LogId[]): void {
    for (const logId of logs) {
      const partition = new PartitionState(topic, topic.partitions.length, logId)
      topic.partitions.push(partition)
      this.#byLog.set(logId, partition)
      if (this.#isStarted) this.#bind(partition)
    }
  }

  #bind(partition: PartitionState): void {
    partition.bind(this.#runtime.store.log(partition.logId))
  }

  /** Brings a topic and its logs in line with what is set now. */
  #applySettings(topic: TopicState): void {
    topic.settings = topicSettingsOf(this.#lookup(topic.overrides))
  }

  #existing(id: Uuid): TopicState {
    const topic = this.#byId.get(id)
    assert(topic !== undefined, 'events are about topics that are there')
    return topic
  }

  #lookup(overrides: ReadonlyMap<string, string>): (name: TopicSettingName) => string {
    return name => this.#layers.topicValue(name, overrides)
  }

  #journal(event: TopicEvent): void {
    this.#runtime.store.journal(this.name, encodeEvent(event))
  }

  #checkWelcome(): void {
    const refusal = this.#runtime.store.refusal
    if (refusal !== null) throw new BrokerError('storage', refusal.message)
  }

  #confirmed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#runtime.store.whenConfirmed('sync', refusal => {
        if (refusal === null) resolve()
        else reject(new BrokerError('storage', refusal.message))
      })
    })
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
  }
}

function overridesFlaw(overrides: ReadonlyMap<string, string>): BrokerError | undefined {
  for (const [name, value] of overrides) {
    const setting = topicSettings.get(name)
    const flaw =
      setting === undefined ? `Unknown topic config name: ${name}` : settingFlaw(setting, value)
    if (flaw !== undefined) return new BrokerError('invalid-setting', flaw)
  }
  return undefined
}

function partitionCountFlaw(count: number | null): BrokerError | undefined {
  if (count === null || (Number.isInteger(count) && count > 0)) return undefined
  return new BrokerError(
    'invalid-partitions',
    'Number of partitions was set to an invalid non-positive value.',
  )
}
