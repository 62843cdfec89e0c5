import { Offset } from '../../lib/brand.ts'
import { assert } from '../../lib/assert.ts'
import type { Publication } from '../../message/publication.ts'
import { BrokerError } from '../errors.ts'
import { partitionFor } from '../publish/index.ts'
import type { Partition, Topic } from '../topic/index.ts'
import { type Due, NEVER } from './agenda.ts'
import type { Consumer, ConsumerOptions, Settlement } from './consumer.ts'
import { Held } from './consumers/held.ts'
import { MessageGroups } from './consumers/message-groups.ts'
import { Pulls } from './consumers/pulls.ts'
import { type Place, Roster } from './consumers/roster.ts'
import type { Deathbed } from './fate/deathbed.ts'
import { rejectPublication } from './fate/overflow.ts'
import { settleOne, settleRange } from './fate/settle.ts'
import { LaneState, type LogLane } from './lane/index.ts'
import { LaneSet } from './lane-set.ts'
import {
  enqueued,
  type Queue,
  queueCounters,
  type QueueId,
  type QueueSpec,
  type SeekTarget,
  type Side,
  type Taker,
} from './queue.ts'
import type { DeclaredEvent } from './queue-events.ts'
import { change, type QueueHost } from './queue-host.ts'
import { seekLanes } from './seek.ts'
import type { QueueSettings } from './settings.ts'

/** A queue as its broker drives it. What few queues use is made when it is first needed. */
export class QueueState implements Queue, Due {
  readonly id: QueueId
  spec: QueueSpec
  readonly topic: Topic
  readonly ownsTopic: boolean
  readonly settingsDeclared: QueueSettings
  /** Durable, for each lane. */
  readonly laneStates: LaneState[]
  readonly levels: number[]
  readonly lanes = new LaneSet()
  readonly host: QueueHost
  settings: QueueSettings
  isDeleted = false
  dueAt = NEVER
  heapIndex = -1

  roster: Roster | null = null
  pulls: Pulls | null = null
  groups: MessageGroups | null = null
  held: Held | null = null
  deathbed: Deathbed | null = null
  /** There was a message with a time to live. Durable. */
  isExpiring: boolean
  /** There may be one now, or the queue gives all of them one. */
  mayExpire = false
  /** Somebody took all it had: what comes next is for them, however short its life. */
  wasDrained = false
  isDirty = false
  /** Of this turn; bits of `change`. */
  changes = 0
  isNoted = false
  /** Drops its first messages when there are too many, or refuses new ones. */
  isDropping = false
  isRefusing = false
  readonly counters = queueCounters()
  /** When somebody last declared it, pulled, or stopped to consume. */
  usedAt = 0
  /** What began to push decides, unless a policy says so. Durable. */
  headSet: Side | null
  /** How it is seen as a list; whoever does so keeps it here. */
  view: object | null = null
  /** The partition that records without a key go to for now. */
  partitionNow = 0

  constructor(event: DeclaredEvent, parts: { host: QueueHost; topic: Topic; states: LaneState[] }) {
    this.id = event.id
    this.spec = event.spec
    this.settingsDeclared = event.settings
    this.settings = event.settings
    this.ownsTopic = event.ownsTopic
    this.levels = [...event.levels]
    this.isExpiring = event.isExpiring === true
    this.headSet = event.head ?? (event.spec.isImplicit === true ? 'right' : null)
    this.topic = parts.topic
    this.host = parts.host
    this.laneStates = parts.states
  }

  /** Logs that came later begin at their first record. */
  stateOf(lane: number): LaneState {
    while (this.laneStates.length <= lane) this.laneStates.push(new LaneState(Offset(0)))
    return this.laneStates[lane]!
  }

  get isStream(): boolean {
    return this.spec.type === 'stream'
  }

  get hasLevels(): boolean {
    return this.levels.length > 0 && this.settings.priorityMax > 0
  }

  get head(): Side {
    return this.settings.listHead ?? this.headSet ?? 'right'
  }

  get readyCount(): number {
    if (this.isStream) {
      const { log } = this.topic.partitions[0]!
      return log.endOffset - log.startOffset
    }
    const count = this.readyNow + this.arrivingCount
    const { lengthMax } = this.settings
    // What is too much is dropped at the end of the turn in which it can be read.
    return lengthMax !== null && this.isDropping ? Math.min(count, lengthMax) : count
  }

  /** Without what is not confirmed yet. */
  get readyNow(): number {
    return this.lanes.readyCount + (this.groups?.parkedCount ?? 0)
  }

  /** Published and not confirmed yet. */
  get arrivingCount(): number {
    let count = 0
    for (const lane of this.lanes.all)
      count += lane.arrivingCount(this.host.packers.waitingCount(lane.log.id))
    return count
  }

  /** Whether there are messages beside those that are ready: on their way, out, or delayed. */
  get hasAbsent(): boolean {
    return (
      this.arrivingCount > 0 || this.lanes.unsettledCount > 0 || this.lanes.readyAtNext !== null
    )
  }

  get readyBytes(): number {
    return this.lanes.readyBytes
  }

  get unsettledCount(): number {
    return this.lanes.unsettledCount - (this.groups?.parkedCount ?? 0)
  }

  get consumerCount(): number {
    return this.roster?.count ?? 0
  }

  get activeConsumer(): string | null {
    return this.roster?.active?.consumer.name ?? null
  }

  consumers(): Iterable<Place> {
    return this.roster?.all() ?? []
  }

  /** Whether anything can come of running it. */
  get isInterested(): boolean {
    const { roster, pulls } = this
    if (roster !== null && roster.count > 0) return true
    return (pulls !== null && pulls.count > 0) || this.mayExpire || this.isDropping
  }

  enqueue(publication: Publication): number {
    if ((this.changes & change.more) === 0) this.host.noteChange(this, change.more)
    return this.accept(publication)
  }

  /** The same, of which nobody is told. */
  accept(publication: Publication): number {
    if (this.isRefusing && rejectPublication(this, publication)) return enqueued.rejected
    this.#add(this.partitionFor(publication), publication)
    return enqueued.taken
  }

  acceptFirst(publication: Publication): number {
    if (this.isRefusing && rejectPublication(this, publication)) return enqueued.rejected
    this.addFirst(this.lanes.first, publication)
    return enqueued.taken
  }

  /** Without asking for limits: before all that is in the lane. */
  addFirst(lane: LogLane, publication: Publication): void {
    const { packers } = this.host
    lane.offsets.pushFront(lane.log.endOffset + packers.waitingCount(lane.log.id))
    packers.whenRefused(lane.log.id, () => lane.offsets.frontRefused())
    this.addLast(lane, publication)
  }

  /** Behind all that is in the lane. */
  addLast(lane: LogLane, publication: Publication): void {
    this.#add(this.topic.partitions[lane.index]!, publication)
  }

  #add(partition: Partition, publication: Publication): void {
    if (publication.ttlMs >= 0) {
      this.mayExpire = true
      if (!this.isExpiring) this.host.noteExpiring(this)
    }
    this.counters.published++
    if (this.settings.lengthBytesMax !== null)
      this.lanes.all[partition.index]?.appended(publication.bodyBytes)
    this.host.packers.add(partition, publication)
  }

  /** Where a message goes that has its priority, or key. */
  partitionFor(publication: Publication): Partition {
    const { partitions } = this.topic
    if (!this.hasLevels) return partitionFor(this, this.topic, publication, this.host.packers)
    const level = Math.min(publication.priority, this.settings.priorityMax)
    if (level === 0) return partitions[0]!
    const lane = this.levels.indexOf(level)
    if (lane >= 0) return partitions[lane]!
    return this.host.addLevel(this, level) ? partitions[partitions.length - 1]! : partitions[0]!
  }

  attach(consumer: Consumer, options: ConsumerOptions): void {
    this.#checkConsumable()
    this.roster ??= new Roster()
    this.roster.attach(consumer, options, this.settings.isSingleActive)
    this.host.markDirty(this)
  }

  detach(consumer: Consumer): void {
    const place = this.roster?.detach(consumer)
    if (place === undefined) return
    if (this.consumerCount > 0) return this.host.markDirty(this)
    for (const lane of this.lanes.all) lane.rest()
    if (this.spec.isAutoDelete) this.host.delete(this)
    else this.touch()
  }

  wake(consumer: Consumer): void {
    const { roster } = this
    if (roster === null || this.isDeleted) return
    roster.wake(consumer)
    if (this.groups !== null) {
      const place = roster.get(consumer)
      if (place !== undefined) this.groups.woke(place)
    }
    this.host.markDirty(this)
  }

  pull(taker: Taker): void {
    this.#checkConsumable()
    this.touch()
    this.pulls ??= new Pulls()
    const ends = this.lanes.all.map(
      ({ log }) => log.endOffset + this.host.packers.waitingCount(log.id),
    )
    this.pulls.add({ taker, ends })
    this.host.servePulls(this)
  }

  settle(lane: number, offset: Offset, settlement: Settlement): void {
    if (this.isDeleted) return
    settleOne(this, this.#lane(lane), offset, settlement)
  }

  settleRange(lane: number, first: Offset, last: Offset, settlement: Settlement): void {
    if (this.isDeleted) return
    settleRange(this, this.#lane(lane), [first, last], settlement)
  }

  purge(): number {
    if (this.isStream)
      throw new BrokerError(
        'unsupported',
        `Queue '${this.spec.name}' is a stream: it is not purged.`,
      )
    this.host.flush()
    let count = this.groups?.purge() ?? 0
    for (const lane of this.lanes.all) count += lane.purge()
    this.host.noteSettled(this)
    this.host.noteChange(this, change.less)
    return count
  }

  async seek(target: SeekTarget): Promise<void> {
    this.#checkConsumable()
    await seekLanes(this, target)
    this.host.markDirty(this)
    this.host.noteChange(this, change.more)
  }

  isVisible(lane: number, offset: Offset): boolean {
    const { retentionMs, retentionBytes } = this.settings
    if (retentionMs !== null || retentionBytes !== null || !this.ownsTopic) return true
    return this.lanes.all[lane]?.isSettled(offset) !== true
  }

  /** In force from now on. */
  apply(settings: QueueSettings): void {
    this.settings = settings
    const { lengthMax, lengthBytesMax, overflow } = settings
    const isLimited = lengthMax !== null || lengthBytesMax !== null
    this.isDropping = isLimited && overflow === 'drop-head'
    this.isRefusing = isLimited && overflow !== 'drop-head'
    if (lengthBytesMax !== null) for (const lane of this.lanes.all) lane.trackBytes()
    if (settings.messageTtlMs !== null) this.mayExpire = true
    if (settings.isGrouped) this.groups ??= new MessageGroups()
    else {
      this.groups?.dissolve()
      this.groups = null
    }
    this.held = settings.consumerTimeoutMs === null ? null : (this.held ?? new Held())
    this.roster?.setSingleActive(settings.isSingleActive)
    this.#planExpiry()
    if (this.isInterested) this.host.markDirty(this)
  }

  /** By somebody who wants what is there, whoever had it made. */
  declared(user: string, declared: QueueSpec['declared']): void {
    this.touch()
    const { isImplicit, ...spec } = this.spec
    if (isImplicit === true && this.host.runtime.store.refusal === null)
      this.host.journal({ kind: 'adopted', id: this.id, spec: { ...spec, user, declared } })
  }

  /** It is used: its own expiry begins anew. */
  touch(): void {
    if (this.settings.expiresMs === null) return
    this.usedAt = this.host.now()
    this.#planExpiry()
  }

  due(now: number): void {
    if (this.isDeleted) return
    if (this.#isUnused(now)) return this.host.delete(this)
    if (this.lanes.readyAtNext !== null && this.lanes.readyAtNext <= now) {
      for (const lane of this.lanes.all) lane.advanceTime(now)
      this.host.noteChange(this, change.more)
    }
    this.deathbed?.retry()
    this.#endLateConsumers(now)
    this.plan()
    this.#planExpiry()
    this.host.markDirty(this)
  }

  /** Comes back when the first of those that wait for their time is ready. */
  plan(): void {
    const readyAt = this.lanes.readyAtNext
    if (readyAt !== null) this.host.agenda.add(this, readyAt)
  }

  /** Tells everybody that it is gone. */
  end(): void {
    const consumers = [...this.consumers()]
    this.roster = null
    this.pulls?.end()
    for (const { consumer } of consumers) consumer.cancelled('deleted')
  }

  #planExpiry(): void {
    const { expiresMs } = this.settings
    if (expiresMs !== null && this.consumerCount === 0)
      this.host.agenda.add(this, this.usedAt + expiresMs)
  }

  #isUnused(now: number): boolean {
    const { expiresMs } = this.settings
    if (expiresMs === null || this.consumerCount > 0) return false
    return (this.pulls?.count ?? 0) === 0 && now >= this.usedAt + expiresMs
  }

  /** What they hold stays out until their protocol gives it back. */
  #endLateConsumers(now: number): void {
    const { consumerTimeoutMs } = this.settings
    if (this.held === null || consumerTimeoutMs === null) return
    for (const { consumer, isAttached } of this.held.late(now - consumerTimeoutMs)) {
      if (!isAttached) continue
      this.detach(consumer)
      consumer.cancelled('timeout')
    }
    const { oldest } = this.held
    if (oldest !== null) this.host.agenda.add(this, oldest + consumerTimeoutMs)
  }

  #lane(index: number) {
    const lane = this.lanes.all[index]
    assert(lane !== undefined, 'what is settled was delivered from a lane')
    return lane
  }

  #checkConsumable(): void {
    const { name, namespace } = this.spec
    if (this.isDeleted)
      throw new BrokerError('not-found', `no queue '${name}' in vhost '${namespace}'`)
    if (this.isStream)
      throw new BrokerError('unsupported', `Queue '${name}' is a stream: read it with a cursor.`)
  }
}
