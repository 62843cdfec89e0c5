import {
  findCoordinator,
  listOffsets,
  metadata,
  type Api,
  type RequestDraft,
  type ResponseOf,
} from '../../protocols/kafka/schema/index.ts'
import type { Address } from '../../protocols/protocol.ts'
import type { DialTls } from '../../server/index.ts'
import { CommandError } from '../error.ts'
import { BrokerConnection } from './connection.ts'
import { refused, throwIfRefused } from './refusals.ts'

export type TopicFacts = ResponseOf<typeof metadata>['topics'][number]

/** A cluster as the commands see it: asks whoever is responsible, and keeps the connections. */
export class Client {
  readonly #bootstrap: Address
  readonly #tls: DialTls | null
  readonly #connections = new Map<string, Promise<BrokerConnection>>()
  readonly #nodes = new Map<number, Address>()
  readonly #leaders = new Map<string, number>()

  constructor(bootstrap: Address, tls: DialTls | null) {
    this.#bootstrap = bootstrap
    this.#tls = tls
  }

  /** Asks the broker that was named. */
  async ask<One extends Api>(api: One, draft: RequestDraft<One>): Promise<ResponseOf<One>> {
    return (await this.#connect(this.#bootstrap)).send(api, draft)
  }

  /** Asks the broker that looks after a group. */
  async askCoordinator<One extends Api>(
    group: string,
    api: One,
    draft: RequestDraft<One>,
  ): Promise<ResponseOf<One>> {
    const found = await this.ask(findCoordinator, { key: group, coordinatorKeys: [group] })
    const one = found.coordinators[0] ?? found
    throwIfRefused(`group "${group}"`, one.errorCode, one.errorMessage)
    return (await this.#connect({ host: one.host, port: one.port })).send(api, draft)
  }

  /** The connection to the broker that leads a partition. */
  async leader(topic: string, partition: number): Promise<BrokerConnection> {
    const key = `${topic}/${partition}`
    if (!this.#leaders.has(key)) await this.topics([topic])
    const node = this.#nodes.get(this.#leaders.get(key) ?? -1)
    if (node === undefined)
      throw new CommandError('failed', `partition ${partition} of "${topic}" has no leader now`)
    return this.#connect(node)
  }

  /** Facts of topics, or of all. Names nobody knows come back with an error code. */
  async topics(names: readonly string[] | null, mayCreate = false): Promise<readonly TopicFacts[]> {
    const answer = await this.ask(metadata, {
      topics: names === null ? null : names.map(name => ({ name })),
      allowAutoTopicCreation: mayCreate,
    })
    for (const { nodeId, host, port } of answer.brokers) this.#nodes.set(nodeId, { host, port })
    for (const { name, partitions } of answer.topics)
      for (const { partitionIndex, leaderId } of partitions)
        this.#leaders.set(`${name}/${partitionIndex}`, leaderId)
    return answer.topics
  }

  /** The numbers of a topic's partitions. */
  async partitionsOf(topic: string, mayCreate = false): Promise<number[]> {
    const [facts] = await this.topics([topic], mayCreate)
    if (facts === undefined) throw refused(`topic "${topic}"`, 3)
    throwIfRefused(`topic "${topic}"`, facts.errorCode)
    return facts.partitions.map(one => one.partitionIndex).toSorted((one, other) => one - other)
  }

  /** The first offset at or after a time, by partition; -1 where all records are older. */
  async offsetsAt(
    topic: string,
    partitions: readonly number[],
    timestamp: number,
  ): Promise<Map<number, number>> {
    const offsets = new Map<number, number>()
    for (const partition of partitions) {
      const leader = await this.leader(topic, partition)
      const answer = await leader.send(listOffsets, {
        replicaId: -1,
        topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }],
      })
      const found = answer.topics[0]?.partitions[0]
      if (found === undefined) continue
      throwIfRefused(`partition ${partition} of "${topic}"`, found.errorCode)
      offsets.set(partition, found.offset)
    }
    return offsets
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.values())
      await connection.then(
        one => one.close(),
        () => undefined, // It never opened, and that was reported where it was wanted.
      )
  }

  #connect(address: Address): Promise<BrokerConnection> {
    const key = `${address.host}:${address.port}`
    let connection = this.#connections.get(key)
    if (connection === undefined) {
      connection = BrokerConnection.open(address, this.#tls)
      this.#connections.set(key, connection)
    }
    return connection
  }
}
