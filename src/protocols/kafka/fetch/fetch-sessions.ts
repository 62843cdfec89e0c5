import { limits } from '../../../limits/limits.ts'
import { errorCode } from '../constants.ts'
import type { Uuid } from '../../../broker/topic/index.ts'
import { FetchPartition } from './fetch-partition.ts'

/**
 * Fetch sessions (KIP-227). A client with many partitions names them once; afterwards it sends
 * what changed and is told what changed.
 *
 *   session 0, epoch 0    a full request that would like a session
 *   session n, epoch 0    the same, and session n may go
 *   session n, epoch -1   a full request without a session; n may go
 *   session n, epoch m    the m-th incremental request of the session
 */
const NO_SESSION = 0
const FIRST_EPOCH = 0
const LAST_EPOCH = -1
const EPOCH_MAX = 2 ** 31 - 1
/** A session is safe from others that need room for so long after its creation or last use. */
const SESSION_SAFE_MS = 120_000

export type FetchTopic = {
  readonly topic: string
  readonly topicId: Uuid
  readonly partitions: readonly {
    readonly partition: number
    readonly currentLeaderEpoch: number
    readonly fetchOffset: number
    readonly lastFetchedEpoch: number
    readonly partitionMaxBytes: number
  }[]
}

export type ForgottenTopic = {
  readonly topic: string
  readonly topicId: Uuid
  readonly partitions: readonly number[]
}

export type SessionRequest = {
  readonly sessionId: number
  readonly sessionEpoch: number
  /** Whether topics are named by their ids (version 13 and later). */
  readonly isById: boolean
  readonly topics: readonly FetchTopic[]
  readonly forgottenTopicsData: readonly ForgottenTopic[]
}

/** What to read for a request, and the session that goes on with it, if there is one. */
export type FetchPlan = {
  readonly errorCode: number
  readonly partitions: Iterable<FetchPartition>
  readonly session: FetchSession | null
  /** A full request whose client would like a session. */
  readonly wantsSession: boolean
}

/** Named partitions, in the order in which they are read: who got records goes to the end. */
export class FetchSession {
  readonly id: number
  readonly isById: boolean
  readonly createdAt: number
  lastUsedAt: number
  epoch = 1
  readonly #byTopic = new Map<string, Map<number, FetchPartition>>()
  readonly #order = new Set<FetchPartition>()

  constructor(id: number, isById: boolean, now: number) {
    this.id = id
    this.isById = isById
    this.createdAt = now
    this.lastUsedAt = now
  }

  get partitions(): ReadonlySet<FetchPartition> {
    return this.#order
  }

  add(partition: FetchPartition): void {
    const key = this.isById ? partition.topicId : partition.topicName
    const byIndex = this.#byTopic.get(key) ?? new Map<number, FetchPartition>()
    this.#byTopic.set(key, byIndex.set(partition.index, partition))
    this.#order.add(partition)
  }

  /** Takes over what a request says of a topic's partitions. */
  update(topic: FetchTopic): void {
    const byIndex = this.#byTopic.get(this.isById ? topic.topicId : topic.topic)
    for (const wanted of topic.partitions) {
      const known = byIndex?.get(wanted.partition)
      if (known !== undefined) assign(known, wanted)
      else this.add(fetchPartition(topic, wanted))
    }
  }

  forget(topic: ForgottenTopic): void {
    const key = this.isById ? topic.topicId : topic.topic
    const byIndex = this.#byTopic.get(key)
    if (byIndex === undefined) return
    for (const index of topic.partitions) {
      const known = byIndex.get(index)
      if (known === undefined) continue
      byIndex.delete(index)
      this.#order.delete(known)
    }
    if (byIndex.size === 0) this.#byTopic.delete(key)
  }

  /** Others come first next time, so that a small response is no privilege of the first. */
  moveToEnd(partition: FetchPartition): void {
    if (this.#order.delete(partition)) this.#order.add(partition)
  }
}

/** All sessions of all clients: bounded, and the least used go first. */
export class FetchSessions {
  readonly #sessionsMax: number
  readonly #partitionsMax: number
  readonly #randomInt: (end: number) => number
  readonly #sessions = new Map<number, FetchSession>()
  #partitionCount = 0

  constructor(options: {
    randomInt: (end: number) => number
    sessionsMax?: number
    partitionsMax?: number
  }) {
    this.#randomInt = options.randomInt
    this.#sessionsMax = options.sessionsMax ?? limits.fetchSessionsMax
    this.#partitionsMax = options.partitionsMax ?? limits.fetchSessionPartitionsMax
  }

  get count(): number {
    return this.#sessions.size
  }

  get partitionCount(): number {
    return this.#partitionCount
  }

  /** What a request asks for. An error code is the answer for the whole request. */
  plan(request: SessionRequest, now: number): FetchPlan {
    const { sessionId, sessionEpoch } = request
    if (sessionEpoch === FIRST_EPOCH || sessionEpoch === LAST_EPOCH) {
      if (sessionId !== NO_SESSION) this.#remove(sessionId)
      return fullPlan(request.topics, sessionEpoch === FIRST_EPOCH)
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return failedPlan(errorCode.FETCH_SESSION_ID_NOT_FOUND)
    if (session.epoch !== sessionEpoch) return failedPlan(errorCode.INVALID_FETCH_SESSION_EPOCH)
    if (session.isById !== request.isById) return failedPlan(errorCode.FETCH_SESSION_TOPIC_ID_ERROR)
    this.#update(session, request, now)
    if (this.#partitionCount > this.#partitionsMax) {
      this.#remove(session.id) // The client begins anew, and gets a session if there is room.
      return failedPlan(errorCode.FETCH_SESSION_ID_NOT_FOUND)
    }
    if (session.partitions.size === 0) {
      this.#remove(session.id)
      return fullPlan(request.topics, false)
    }
    session.epoch = session.epoch === EPOCH_MAX ? 1 : session.epoch + 1
    return { errorCode: 0, partitions: session.partitions, session, wantsSession: false }
  }

  /** Keeps the partitions of a full request. Null when there is no room for another session. */
  create(
    partitions: readonly FetchPartition[],
    options: { readonly isById: boolean; readonly now: number },
  ): FetchSession | null {
    if (partitions.length === 0 || !this.#makeRoom(partitions.length, options.now)) return null
    let id = 0
    do id = 1 + this.#randomInt(EPOCH_MAX - 1)
    while (this.#sessions.has(id))
    const session = new FetchSession(id, options.isById, options.now)
    for (const partition of partitions) session.add(partition)
    this.#sessions.set(id, session)
    this.#partitionCount += session.partitions.size
    return session
  }

  #update(session: FetchSession, request: SessionRequest, now: number): void {
    const before = session.partitions.size
    for (const topic of request.topics) session.update(topic)
    for (const topic of request.forgottenTopicsData) session.forget(topic)
    this.#partitionCount += session.partitions.size - before
    session.lastUsedAt = now
  }

  #remove(id: number): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    this.#sessions.delete(id)
    this.#partitionCount -= session.partitions.size
  }

  #makeRoom(partitionCount: number, now: number): boolean {
    if (partitionCount > this.#partitionsMax) return false
    while (
      this.#sessions.size >= this.#sessionsMax ||
      this.#partitionCount + partitionCount > this.#partitionsMax
    ) {
      const victim = this.#victim(partitionCount, now)
      if (victim === undefined) return false
      this.#remove(victim.id)
    }
    return true
  }

  /** The least recently used one if it is stale, else the smallest old one with less to lose. */
  #victim(partitionCount: number, now: number): FetchSession | undefined {
    let oldest: FetchSession | undefined
    let smallest: FetchSession | undefined
    for (const session of this.#sessions.values()) {
      if (session.lastUsedAt < (oldest?.lastUsedAt ?? now)) oldest = session
      if (now - session.createdAt <= SESSION_SAFE_MS) continue
      if (session.partitions.size < (smallest?.partitions.size ?? partitionCount))
        smallest = session
    }
    if (oldest !== undefined && now - oldest.lastUsedAt > SESSION_SAFE_MS) return oldest
    return smallest
  }
}

function fullPlan(topics: readonly FetchTopic[], wantsSession: boolean): FetchPlan {
  const partitions = topics.flatMap(topic =>
    topic.partitions.map(wanted => fetchPartition(topic, wanted)),
  )
  return { errorCode: 0, partitions, session: null, wantsSession }
}

function failedPlan(code: number): FetchPlan {
  return { errorCode: code, partitions: [], session: null, wantsSession: false }
}

type WantedPartition = FetchTopic['partitions'][number]

function fetchPartition(topic: FetchTopic, wanted: WantedPartition): FetchPartition {
  const partition = new FetchPartition(topic.topic, topic.topicId, wanted.partition)
  assign(partition, wanted)
  return partition
}

function assign(partition: FetchPartition, wanted: WantedPartition): void {
  partition.offset = wanted.fetchOffset
  partition.bytesMax = wanted.partitionMaxBytes
  partition.leaderEpoch = wanted.currentLeaderEpoch
  partition.lastFetchedEpoch = wanted.lastFetchedEpoch
}
