import { Offset } from '../../lib/brand.ts'
import type { LogId, LogPolicy, StateMachine } from '../../log/store.ts'
import { BrokerError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { decodeEvents, encodeEvents } from '../snapshot.ts'
import { Catalogue } from './catalogue.ts'
import type { SettingLayers } from './settings/layers.ts'
import { logPolicy } from './settings/policy.ts'
import { entriesOf } from './settings/setting.ts'
import { overridesFlaw, partitionCountFlaw } from './topic-checks.ts'
import {
  decodeEvent,
  encodeEvent,
  type SettingScope,
  type SettingValues,
  type TopicEvent,
} from './topic-events.ts'
import { randomUuid } from './topic-ids.ts'
import {
  collisionKey,
  DEFAULT_NAMESPACE,
  nameFlaw,
  type Naming,
  topicKey,
  topicNameFlaw,
} from './topic-names.ts'
import type { TopicState } from './topic-state.ts'
import type { Partition, Topic, Uuid } from './topic.ts'

export type TopicSpec = {
  readonly name: string
  /** Where the name is unique. Absent: `DEFAULT_NAMESPACE`. */
  readonly namespace?: string
  /**
   * What a topic's name may be: `portable` (default) is what Kafka allows; `free` is what queues
   * are called, one to 255 bytes of UTF-8; `long` has room for keys.
   */
  readonly naming?: Naming
  /** True for what nobody lists: the topics of queues that belong to one connection. */
  readonly isHidden?: boolean
  /** Null: the broker's default. */
  readonly partitionCount: number | null
  /** What is to differ from the defaults, by name ("retention.ms"), as text. */
  readonly overrides: SettingValues
  /** True for what clients may read but not delete. */
  readonly isInternal?: boolean
}

/** `deleteRecords` up to here deletes all there is. */
export const ALL_RECORDS = -1

/**
 * All topics, by name and by id. Changes are decided in one go and visible at once; the promise
 * of a change resolves when it is on the disk, which is when its maker may be told.
 */
export class Topics implements StateMachine {
  readonly name = 'topics'
  readonly #runtime: Runtime
  readonly #catalogue: Catalogue

  constructor(runtime: Runtime) {
    this.#runtime = runtime
    this.#catalogue = new Catalogue(runtime.settings)
  }

  /** The store has replayed: from here on there are logs. */
  start(): void {
    const { store, random } = this.#runtime
    this.#catalogue.bind(id => store.log(id))
    if (store.refusal !== null) return
    if (this.#catalogue.clusterId === null) {
      this.#journal({ kind: 'founded', clusterId: randomUuid(random, () => false) })
    }
    this.#applyPolicies(this.#catalogue.byName.values())
  }

  stop(): void {}

  /** Made at the very first start, and kept. */
  get clusterId(): Uuid {
    return this.#catalogue.clusterId ?? 'unknown'
  }

  /** Everything that is set above single topics. To be read only. */
  get layers(): SettingLayers {
    return this.#catalogue.layers
  }

  get count(): number {
    return this.#catalogue.byName.size
  }

  /** What Kafka and the like can see: in the default namespace, and not hidden. */
  byName(name: string): Topic | undefined {
    const topic = this.#catalogue.byName.get(name)
    return topic?.isHidden === true ? undefined : topic
  }

  find(namespace: string, name: string): Topic | undefined {
    return this.#catalogue.byName.get(topicKey(namespace, name))
  }

  byId(id: Uuid): Topic | undefined {
    return this.#catalogue.byId.get(id)
  }

  /** Every topic of every namespace. */
  all(): Iterable<Topic> {
    return this.#catalogue.byName.values()
  }

  /** What a client may be shown that knows one namespace and Kafka's rules for names. */
  *listed(): Generator<Topic> {
    for (const topic of this.#catalogue.byName.values()) {
      const isSeen = topic.namespace === DEFAULT_NAMESPACE && !topic.isHidden
      if (isSeen && topicNameFlaw(topic.name) === undefined) yield topic
    }
  }

  partition(name: string, index: number): Partition | undefined {
    return this.byName(name)?.partitions[index]
  }

  partitionOfLog(id: LogId): Partition | undefined {
    return this.#catalogue.byLog.get(id)
  }

  /** Called, live and while replaying, when a topic is there. Must not change topics. */
  onCreated(listener: (topic: Topic) => void): void {
    this.#catalogue.createdListeners.push(listener)
  }

  /** Called, live and while replaying, right after a topic is gone. Must not change topics. */
  onDeleted(listener: (topic: Topic) => void): void {
    this.#catalogue.deletedListeners.push(listener)
  }

  /** Why this topic cannot be made, or undefined when it can. */
  createFlaw(spec: TopicSpec): BrokerError | undefined {
    const { name, namespace = DEFAULT_NAMESPACE, naming = 'portable' } = spec
    if (this.#catalogue.byName.has(topicKey(namespace, name))) {
      return new BrokerError('already-exists', `Topic '${name}' already exists.`)
    }
    const flaw = nameFlaw(name, naming)
    if (flaw !== undefined) return new BrokerError('invalid-name', flaw)
    const twin =
      naming !== 'portable'
        ? undefined
        : this.#catalogue.byCollisionKey.get(topicKey(namespace, collisionKey(name)))
    if (twin !== undefined) {
      return new BrokerError(
        'invalid-name',
        `Topic '${name}' collides with existing topic: ${twin.name}`,
      )
    }
    return (
      this.#overridesFlaw(spec.overrides) ??
      (spec.partitionCount === null ? undefined : partitionCountFlaw(spec.partitionCount))
    )
  }

  async create(spec: TopicSpec): Promise<Topic> {
    const topic = this.createNow(spec)
    await this.#confirmed()
    return topic
  }

  /** The same, without waiting for the disk: the caller does, before anybody is told. */
  createNow(spec: TopicSpec): Topic {
    const flaw = this.createFlaw(spec)
    if (flaw !== undefined) throw flaw
    this.#checkWelcome()
    const id = randomUuid(this.#runtime.random, taken => this.#catalogue.byId.has(taken))
    const policy = this.#policyOf(new Map(Object.entries(spec.overrides)))
    this.#journal({
      kind: 'created',
      id,
      name: spec.name,
      isInternal: spec.isInternal ?? false,
      logs: this.#createLogs(spec.partitionCount ?? this.partitionsDefault, policy),
      overrides: spec.overrides,
      ...(spec.namespace === undefined ? {} : { namespace: spec.namespace }),
      ...(spec.isHidden === true ? { isHidden: true } : {}),
    })
    return this.#catalogue.existing(id)
  }

  /** The topic of that name, made with the broker's defaults if there is none. */
  async ensure(name: string, isInternal = false): Promise<Topic> {
    const topic = this.byName(name)
    if (topic !== undefined) return topic
    return this.create({ name, partitionCount: null, overrides: {}, isInternal })
  }

  get partitionsDefault(): number {
    return this.#runtime.settings.partitionsDefault
  }

  async delete(id: Uuid): Promise<void> {
    this.deleteNow(id)
    await this.#confirmed()
  }

  /** The same, without waiting for the disk. */
  deleteNow(id: Uuid): void {
    const topic = this.#existing(id)
    this.#checkReliefWelcome()
    this.#journalRelief({ kind: 'deleted', id })
    for (const { logId } of topic.partitions) this.#runtime.store.deleteLog(logId)
  }

  /** Why a topic cannot have so many partitions, or undefined when it can. */
  growFlaw(topic: Topic, partitionCount: number): BrokerError | undefined {
    const now = topic.partitions.length
    if (partitionCount === now) {
      return new BrokerError('invalid-partitions', `Topic already has ${now} partition(s).`)
    }
    if (partitionCount < now) {
      return new BrokerError(
        'invalid-partitions',
        `The topic ${topic.name} currently has ${now} partition(s); ` +
          `${partitionCount} would not be an increase.`,
      )
    }
    return partitionCountFlaw(partitionCount)
  }

  async grow(id: Uuid, partitionCount: number): Promise<void> {
    this.growNow(id, partitionCount)
    await this.#confirmed()
  }

  /** The same, without waiting for the disk. */
  growNow(id: Uuid, partitionCount: number): void {
    const topic = this.#existing(id)
    const flaw = this.growFlaw(topic, partitionCount)
    if (flaw !== undefined) throw flaw
    this.#checkWelcome()
    const added = partitionCount - topic.partitions.length
    const logs = this.#createLogs(added, this.#policyOf(topic.overrides))
    this.#journal({ kind: 'grown', id, logs })
  }

  /** Why a topic cannot have these overrides, or undefined when it can. */
  alterFlaw(topic: Topic, overrides: SettingValues): BrokerError | undefined {
    const flaw = this.#overridesFlaw(overrides)
    if (flaw !== undefined) return flaw
    const before = this.#policyOf(topic.overrides)
    const after = this.#policyOf(new Map(Object.entries(overrides)))
    if (isInMemory(before) === isInMemory(after)) return undefined
    return new BrokerError(
      'invalid-setting',
      `Invalid value ${after.durability} for configuration sabir.durability: ` +
        'a topic stays in memory, or on the disk, as it was created',
    )
  }

  /** Replaces all that is set for a topic. */
  async alter(id: Uuid, overrides: SettingValues): Promise<void> {
    const topic = this.#existing(id)
    const flaw = this.alterFlaw(topic, overrides)
    if (flaw !== undefined) throw flaw
    this.#checkReliefWelcome() // A shorter retention is how many a full disk gets room again.
    this.#journalRelief({ kind: 'altered', id, overrides })
    this.#applyPolicies([topic])
    await this.#confirmed()
  }

  /** Replaces all that is set for a broker, for all of them (''), or for a group. Not checked. */
  async configure(scope: SettingScope, name: string, values: SettingValues): Promise<void> {
    this.#checkReliefWelcome()
    this.#journalRelief({ kind: 'configured', scope, name, values })
    if (scope === 'broker') this.#applyPolicies(this.#catalogue.byName.values())
    await this.#confirmed()
  }

  /** Forgets records below an offset, or `ALL_RECORDS`; the promise gives the new first offset. */
  async deleteRecords(partition: Partition, before: number): Promise<Offset> {
    const { log, topic } = partition
    const policy = entriesOf(this.layers.topicValue('cleanup.policy', topic.overrides))
    if (policy.includes('compact') && !policy.includes('delete')) {
      throw new BrokerError(
        'precondition-failed',
        `Records of ${topic.name}-${partition.index} cannot be deleted: ` +
          'its cleanup.policy is compact only. Add delete to it first.',
      )
    }
    const offset = before === ALL_RECORDS ? log.confirmedEnd : before
    if (offset < 0 || offset > log.confirmedEnd) {
      throw new BrokerError(
        'out-of-range',
        `Offset ${offset} is not in ${log.startOffset}..${log.confirmedEnd}`,
      )
    }
    if (offset > log.startOffset) {
      this.#checkReliefWelcome()
      this.#runtime.store.truncateBefore(log.id, Offset(offset))
      await this.#confirmed()
    }
    return log.startOffset
  }

  evolve(bytes: Buffer): void {
    this.#catalogue.evolve(decodeEvent(bytes))
  }

  snapshot(): Buffer {
    return encodeEvents(this.#catalogue.events())
  }

  restore(snapshot: Buffer): void {
    for (const event of decodeEvents<TopicEvent>(this.name, snapshot)) this.#catalogue.evolve(event)
  }

  #existing(id: Uuid): TopicState {
    const topic = this.#catalogue.byId.get(id)
    if (topic === undefined) throw new BrokerError('not-found', 'There is no such topic.')
    return topic
  }

  #overridesFlaw(overrides: SettingValues): BrokerError | undefined {
    return overridesFlaw(overrides, this.#catalogue.lookup(new Map(Object.entries(overrides))))
  }

  #policyOf(overrides: ReadonlyMap<string, string>): LogPolicy {
    return logPolicy(this.#catalogue.lookup(overrides))
  }

  #createLogs(count: number, policy: LogPolicy): LogId[] {
    return Array.from({ length: count }, () => this.#runtime.store.createLog(policy).id)
  }

  /** Brings the logs of topics in line with what is set now. */
  #applyPolicies(topics: Iterable<TopicState>): void {
    const shared = this.#policyOf(new Map())
    for (const { overrides, partitions } of topics) {
      const wanted = overrides.size === 0 ? shared : this.#policyOf(overrides)
      for (const { log } of partitions) {
        // What is in memory stays there, and what is on the disk too, whatever the default is now.
        const policy =
          isInMemory(wanted) === isInMemory(log.policy)
            ? wanted
            : { ...wanted, durability: log.policy.durability }
        if (!isSamePolicy(policy, log.policy)) this.#runtime.store.setPolicy(log.id, policy)
      }
    }
  }

  #journal(event: TopicEvent): void {
    this.#runtime.store.journal(this.name, encodeEvent(event))
  }

  #journalRelief(event: TopicEvent): void {
    this.#runtime.store.journalRelief(this.name, encodeEvent(event))
  }

  #checkReliefWelcome(): void {
    const refusal = this.#runtime.store.reliefRefusal
    if (refusal !== null) throw new BrokerError('storage', refusal.message)
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

const isInMemory = (policy: LogPolicy): boolean => policy.durability === 'memory'

function isSamePolicy(one: LogPolicy, other: LogPolicy): boolean {
  return (
    one.durability === other.durability &&
    one.retentionMs === other.retentionMs &&
    one.retentionBytes === other.retentionBytes &&
    one.segmentBytes === other.segmentBytes &&
    one.segmentMs === other.segmentMs &&
    one.compaction?.tombstoneRetentionMs === other.compaction?.tombstoneRetentionMs &&
    one.compaction?.dirtyRatioMin === other.compaction?.dirtyRatioMin &&
    one.compaction?.lagMsMin === other.compaction?.lagMsMin &&
    one.compaction?.lagMsMax === other.compaction?.lagMsMax
  )
}
