import zlib from 'node:zlib'
import { Admin, Consumer, type Message, type MessagesStream, Producer } from '@platformatic/kafka'
import {
  compressions,
  type Driver,
  type DriverKind,
  type Found,
  type Operations,
} from '../../driver.ts'
import { RecordInbox, translated } from '../inbox.ts'

type AnyMessage = Message<Buffer, Buffer, Buffer, Buffer>
type AnyConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>
type Member = {
  readonly consumer: AnyConsumer
  readonly stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>
  readonly inbox: RecordInbox
  readonly topic: string
}

class PlatformaticDriver {
  readonly #base
  readonly #admin: Admin
  readonly #members = new Map<string, Member>()
  #reads = 0

  constructor(address: string) {
    this.#base = {
      clientId: 'scenario',
      bootstrapBrokers: [address],
      retries: 4,
      retryDelay: 200,
      timeout: 10_000,
      autocreateTopics: true,
      metadataMaxAge: 0,
    }
    this.#admin = new Admin({ ...this.#base, autocreateTopics: false })
  }

  async open(): Promise<Driver> {
    await this.#admin.listTopics()
    const operations = {
      ...this.#topics(),
      ...this.#records(),
      ...this.#membership(),
      ...this.#groups(),
    }
    return { operations: translated(operations, 'apiCode'), close: () => this.#close() }
  }

  #topics(): Partial<Operations> {
    const admin = this.#admin
    return {
      createTopic: ({ topic, partitions, configs = {} }) =>
        admin.createTopics({
          topics: [topic],
          partitions,
          configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
        }),
      deleteTopic: ({ topic }) => admin.deleteTopics({ topics: [topic] }),
      listTopics: () => admin.listTopics({ includeInternals: false }),
      describeTopic: async ({ topic }) => {
        const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
        return { partitions: topics.get(topic)?.partitionsCount ?? 0 }
      },
      cluster: async () => {
        const { id, brokers } = await admin.metadata({ topics: [], forceUpdate: true })
        return { brokers: brokers.size, controller: [...brokers.keys()][0] ?? -1, clusterId: id }
      },
      logDirs: async ({ topic }) => {
        const topics = [{ name: topic, partitions: await this.#partitionsOf(topic) }]
        const [broker] = await admin.describeLogDirs({ topics })
        const folders = broker?.results ?? []
        const found = folders.flatMap(folder => folder.topics.flatMap(one => one.partitions))
        return Object.fromEntries(found.map(one => [one.partitionIndex, Number(one.partitionSize)]))
      },
    }
  }

  async #partitionsOf(topic: string): Promise<number[]> {
    const { topics } = await this.#admin.metadata({ topics: [topic], forceUpdate: true })
    return Array.from({ length: topics.get(topic)?.partitionsCount ?? 0 }, (_, index) => index)
  }

  #records(): Partial<Operations> {
    return {
      produce: async ({ topic, records, acks = -1, compression = 'none', idempotent = false }) => {
        const producer = new Producer<Buffer, Buffer, Buffer, Buffer>(this.#base)
        try {
          const { offsets = [] } = await producer.send({
            acks,
            compression,
            idempotent,
            messages: records.map(({ partition, key, value, headers = {}, timestamp }) => ({
              topic,
              ...(partition === undefined ? {} : { partition }),
              ...(timestamp === undefined ? {} : { timestamp: BigInt(timestamp) }),
              // The library's types leave no room for the null keys and values it does send.
              key: bytesOf(key) as Buffer,
              value: bytesOf(value) as Buffer,
              headers: new Map(
                Object.entries(headers).map(([name, text]) => [
                  Buffer.from(name),
                  Buffer.from(text),
                ]),
              ),
            })),
          })
          const next = new Map(offsets.map(one => [one.partition, Number(one.offset)]))
          return records.map(({ partition = -1 }) => {
            const offset = next.get(partition) ?? -1
            if (offset >= 0) next.set(partition, offset + 1)
            return { partition, offset }
          })
        } finally {
          await producer.close()
        }
      },
      consume: async ({ topic, partition, from, count }) => {
        const offset = await this.#start(topic, partition, from)
        const consumer = this.#consumer(`read-${process.pid}-${Date.now()}-${++this.#reads}`)
        const others = await this.#partitionsOf(topic)
        const stream = await consumer.consume({
          topics: [topic],
          mode: 'manual',
          offsets: others.map(other => ({
            topic,
            partition: other,
            offset: BigInt(other === partition ? offset : 0),
          })),
          maxWaitTime: 100,
          autocommit: false,
        })
        const inbox = new RecordInbox()
        stream.on('error', () => {}) // The records do not come, and that is reported below.
        stream.on('data', message => {
          if (message.partition === partition) inbox.put(foundOf(message))
        })
        const read = await inbox.take(count, 20_000)
        await ended(consumer)
        if (read.length < count) throw new Error(`${read.length} of ${count} records came`)
        return read
      },
      offsets: async ({ topic, partition, at }) => ({
        offset: await this.#at(topic, partition, at),
      }),
    }
  }

  async #start(
    topic: string,
    partition: number,
    from: Parameters<Operations['consume']>[0]['from'],
  ): Promise<number> {
    if (from === 'earliest') return this.#at(topic, partition, from)
    return 'offset' in from ? from.offset : this.#at(topic, partition, from.time)
  }

  async #at(topic: string, partition: number, at: 'earliest' | 'latest' | number): Promise<number> {
    const consumer = this.#consumer('offsets')
    const timestamp = at === 'earliest' ? -2n : at === 'latest' ? -1n : BigInt(at)
    try {
      const found = await consumer.listOffsets({ topics: [topic], timestamp })
      return Number(found.get(topic)?.[partition])
    } finally {
      await ended(consumer)
    }
  }

  #consumer(groupId: string): AnyConsumer {
    return new Consumer<Buffer, Buffer, Buffer, Buffer>({
      ...this.#base,
      autocreateTopics: false,
      groupId,
      sessionTimeout: 10_000,
      rebalanceTimeout: 10_000,
      heartbeatInterval: 200,
    })
  }

  #membership(): Partial<Operations> {
    return {
      join: async ({ member, group, topic, reset }) => {
        const consumer = this.#consumer(group)
        const stream = await consumer.consume({
          topics: [topic],
          mode: 'committed',
          fallbackMode: reset,
          maxWaitTime: 100,
          autocommit: false,
        })
        const inbox = new RecordInbox()
        stream.on('error', () => {}) // The records do not come, and the scenario misses them.
        stream.on('data', message => inbox.put(foundOf(message)))
        consumer.on('consumer:group:join', () => inbox.drop(partitionsOf(consumer)))
        this.#members.set(member, { consumer, stream, inbox, topic })
      },
      assignment: async ({ member }) => {
        const joined = this.#members.get(member)
        const partitions = joined === undefined ? [] : partitionsOf(joined.consumer)
        return { partitions: partitions.toSorted((a, b) => a - b) }
      },
      poll: async ({ member, count, timeoutMs }) =>
        (await this.#members.get(member)?.inbox.take(count, timeoutMs)) ?? [],
      commit: async ({ member }) => {
        const joined = this.#members.get(member)
        if (joined === undefined) return
        const { topic } = joined
        await joined.consumer.commit({
          offsets: joined.inbox.positions.map(([partition, offset]) => ({
            topic,
            partition,
            offset: BigInt(offset - 1), // It commits the last record done, and goes on after it.
            leaderEpoch: 0,
          })),
        })
      },
      leave: async ({ member }) => {
        const joined = this.#members.get(member)
        if (joined !== undefined) await ended(joined.consumer)
        this.#members.delete(member)
      },
    }
  }

  #groups(): Partial<Operations> {
    const admin = this.#admin
    return {
      listGroups: async () => [...(await admin.listGroups({})).keys()],
      describeGroup: async ({ group }) => {
        const found = (await admin.describeGroups({ groups: [group] })).get(group)
        const words = found?.state.toLowerCase().replace(/(^|_)[a-z]/g, one => one.toUpperCase())
        return { state: words?.replace('_', '') ?? '', members: found?.members.size ?? -1 }
      },
      deleteGroup: ({ group }) => admin.deleteGroups({ groups: [group] }),
      committed: async ({ group, topic }) => {
        const partitions = await this.#partitionsOf(topic)
        const consumer = this.#consumer(group)
        try {
          const found = await consumer.listCommittedOffsets({ topics: [{ topic, partitions }] })
          const offsets = (found.get(topic) ?? []).map((offset, index) => [index, Number(offset)])
          return Object.fromEntries(
            offsets
              .filter(([, last = -1]) => last >= 0)
              .map(([index, last = -1]) => [index, last + 1]),
          )
        } finally {
          await ended(consumer)
        }
      },
    }
  }

  async #close(): Promise<void> {
    for (const { consumer } of this.#members.values()) await ended(consumer)
    await this.#admin.close()
  }
}

const bytesOf = (text: string | null): Buffer | null => (text === null ? null : Buffer.from(text))

/** Leaves the group, too. A failure on the way out is no concern of a scenario. */
const ended = (consumer: AnyConsumer): Promise<void> =>
  new Promise(resolve => {
    consumer.close(true, () => resolve())
  })

const partitionsOf = (consumer: AnyConsumer): number[] =>
  (consumer.assignments ?? []).flatMap(({ partitions }) => [...partitions])

function foundOf(message: AnyMessage): Found {
  const headers = [...message.headers].map(([name, text]) => [String(name), String(text)])
  const text = (bytes: Buffer | null | undefined): string | null => bytes?.toString() ?? null
  return {
    partition: message.partition,
    offset: Number(message.offset),
    key: text(message.key),
    value: text(message.value),
    headers: Object.fromEntries(headers),
    timestamp: Number(message.timestamp),
  }
}

export const platformaticKind: DriverKind = {
  name: 'platformatic',
  inProcess: true,
  // It takes zstd from Node, which has it from version 22.15 on.
  compressions: compressions.filter(name => name !== 'zstd' || 'zstdCompressSync' in zlib),
  // It reads snappy without the frame that Java and kafkajs put around it.
  exchanges: compressions.filter(
    name => name !== 'snappy' && (name !== 'zstd' || 'zstdCompressSync' in zlib),
  ),
  prepare: async () => {},
  open: address => new PlatformaticDriver(address).open(),
}
