import { compress as zstdCompress, decompress as zstdDecompress } from '@cloudpss/zstd'
import kafkajs, { type Admin, type Consumer, type EachMessagePayload, type Kafka } from 'kafkajs'
import { compressFrame, decompressFrame } from 'lz4-napi'
import { compress as snappyCompress, uncompress as snappyUncompress } from 'snappy'
import {
  ClientError,
  type Driver,
  type DriverKind,
  type Found,
  type Operations,
} from '../../driver.ts'
import { RecordInbox, translated } from '../inbox.ts'

/** kafkajs brings gzip alone; the other codecs are plugged in the way its manual says. */
function plugCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  const codec = (
    compress: (bytes: Buffer) => Promise<Buffer> | Buffer,
    decompress: (bytes: Buffer) => Promise<Buffer> | Buffer,
  ) => ({
    compress: async (encoder: { buffer: Buffer }) => compress(encoder.buffer),
    decompress: async (bytes: Buffer) => decompress(bytes),
  })
  CompressionCodecs[CompressionTypes.Snappy] = () =>
    codec(snappyCompress, async bytes => Buffer.from(await snappyUncompress(unframe(bytes))))
  CompressionCodecs[CompressionTypes.LZ4] = () => codec(compressFrame, decompressFrame)
  CompressionCodecs[CompressionTypes.ZSTD] = () =>
    codec(
      bytes => Buffer.from(zstdCompress(bytes)),
      bytes => Buffer.from(zstdDecompress(bytes)),
    )
}

/** Java frames snappy in blocks with a header of its own; these tests read one block. */
function unframe(bytes: Buffer): Buffer {
  const isFramed = bytes.subarray(0, 8).equals(Buffer.from('82534e4150505900', 'hex'))
  return isFramed ? bytes.subarray(20, 20 + bytes.readUInt32BE(16)) : bytes
}

type Member = { consumer: Consumer; inbox: RecordInbox; partitions: number[]; topic: string }

class KafkajsDriver {
  readonly #kafka: Kafka
  readonly #admin: Admin
  readonly #members = new Map<string, Member>()
  #reads = 0

  constructor(address: string) {
    this.#kafka = new kafkajs.Kafka({
      brokers: [address],
      clientId: 'scenario',
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 4, initialRetryTime: 100 },
    })
    this.#admin = this.#kafka.admin()
  }

  async open(): Promise<Driver> {
    await this.#admin.connect()
    return { operations: translated(this.#operations(), 'code'), close: () => this.#close() }
  }

  #operations(): Partial<Operations> {
    return { ...this.#topics(), ...this.#records(), ...this.#membership(), ...this.#groups() }
  }

  #topics(): Partial<Operations> {
    const admin = this.#admin
    const resource = (topic: string) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic })
    return {
      createTopic: async ({ topic, partitions, configs = {} }) => {
        const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }))
        const made = await admin.createTopics({
          topics: [{ topic, numPartitions: partitions, configEntries }],
        })
        // It reports a topic that is there already with a false instead of an error.
        if (!made) throw new ClientError(36, 'topic already exists')
      },
      deleteTopic: ({ topic }) => admin.deleteTopics({ topics: [topic] }),
      listTopics: () => admin.listTopics(),
      describeTopic: ({ topic }) => this.#describe(topic),
      createPartitions: ({ topic, total }) =>
        admin.createPartitions({ topicPartitions: [{ topic, count: total }] }),
      describeConfigs: async ({ topic }) => {
        const answer = await admin.describeConfigs({
          resources: [resource(topic)],
          includeSynonyms: false,
        })
        const entries = answer.resources[0]?.configEntries ?? []
        return Object.fromEntries(entries.map(entry => [entry.configName, entry.configValue]))
      },
      alterConfigs: ({ topic, set }) => {
        const configEntries = Object.entries(set).map(([name, value]) => ({ name, value }))
        return admin.alterConfigs({
          validateOnly: false,
          resources: [{ ...resource(topic), configEntries }],
        })
      },
      deleteRecords: async ({ topic, partition, before }) => {
        // It looks for the leader in the metadata at hand, which lacks a new topic until asked.
        await admin.fetchTopicOffsets(topic)
        await admin.deleteTopicRecords({
          topic,
          partitions: [{ partition, offset: String(before) }],
        })
      },
      cluster: async () => {
        const { brokers, controller, clusterId } = await admin.describeCluster()
        return { brokers: brokers.length, controller: controller ?? -1, clusterId }
      },
    }
  }

  async #describe(topic: string): Promise<{ partitions: number }> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] })
    return { partitions: topics[0]?.partitions.length ?? 0 }
  }

  #records(): Partial<Operations> {
    return {
      produce: async ({ topic, records, acks = -1, compression = 'none', idempotent = false }) => {
        const producer = this.#kafka.producer({ idempotent, allowAutoTopicCreation: true })
        await producer.connect()
        try {
          const sent = await producer.send({
            topic,
            acks,
            compression: ['none', 'gzip', 'snappy', 'lz4', 'zstd'].indexOf(compression),
            messages: records.map(({ partition, timestamp, ...rest }) => ({
              ...rest,
              ...(partition === undefined ? {} : { partition }),
              ...(timestamp === undefined ? {} : { timestamp: String(timestamp) }),
            })),
          })
          const next = new Map(sent.map(one => [one.partition, Number(one.baseOffset ?? -1)]))
          return records.map(({ partition = -1 }) => {
            const offset = next.get(partition) ?? -1
            if (offset >= 0) next.set(partition, offset + 1)
            return { partition, offset }
          })
        } finally {
          await producer.disconnect()
        }
      },
      consume: async ({ topic, partition, from, count }) => {
        const offset = await this.#start(topic, partition, from)
        const { partitions: all } = await this.#describe(topic)
        const others = Array.from({ length: all }, (_, index) => index)
        const inbox = new RecordInbox()
        const groupId = `read-${process.pid}-${Date.now()}-${++this.#reads}`
        const consumer = this.#kafka.consumer({ groupId })
        await consumer.connect()
        await consumer.subscribe({ topics: [topic], fromBeginning: true })
        await consumer.run({
          autoCommit: false,
          eachMessage: async payload => {
            const record = foundOf(payload)
            if (record.partition === partition && record.offset >= offset) inbox.put(record)
          },
        })
        consumer.seek({ topic, partition, offset: String(offset) })
        consumer.pause([{ topic, partitions: others.filter(other => other !== partition) }])
        const read = await inbox.take(count, 20_000)
        await consumer.disconnect()
        if (read.length < count) throw new Error(`${read.length} of ${count} records came`)
        return read
      },
      offsets: async ({ topic, partition, at }) => {
        if (typeof at === 'number') {
          const found = await this.#admin.fetchTopicOffsetsByTimestamp(topic, at)
          return { offset: Number(found.find(one => one.partition === partition)?.offset) }
        }
        const found = await this.#admin.fetchTopicOffsets(topic)
        const ends = found.find(one => one.partition === partition)
        return { offset: Number(at === 'earliest' ? ends?.low : ends?.high) }
      },
    }
  }

  async #start(
    topic: string,
    partition: number,
    from: Parameters<Operations['consume']>[0]['from'],
  ): Promise<number> {
    if (from !== 'earliest' && 'offset' in from) return from.offset
    if (from === 'earliest') {
      const found = await this.#admin.fetchTopicOffsets(topic)
      return Number(found.find(one => one.partition === partition)?.low)
    }
    const found = await this.#admin.fetchTopicOffsetsByTimestamp(topic, from.time)
    return Number(found.find(one => one.partition === partition)?.offset)
  }

  #membership(): Partial<Operations> {
    return {
      join: async ({ member, group, topic, reset }) => {
        const consumer = this.#kafka.consumer({
          groupId: group,
          sessionTimeout: 10_000,
          heartbeatInterval: 200,
          maxWaitTimeInMs: 200,
        })
        const joined: Member = { consumer, inbox: new RecordInbox(), partitions: [], topic }
        consumer.on('consumer.group_join', event => {
          joined.partitions = [...(event.payload.memberAssignment[topic] ?? [])]
          joined.inbox.drop(joined.partitions)
        })
        await consumer.connect()
        await consumer.subscribe({ topics: [topic], fromBeginning: reset === 'earliest' })
        await consumer.run({
          autoCommit: false,
          eachMessage: async payload => joined.inbox.put(foundOf(payload)),
        })
        this.#members.set(member, joined)
      },
      assignment: async ({ member }) => {
        const partitions = this.#members.get(member)?.partitions ?? []
        return { partitions: partitions.toSorted((a, b) => a - b) }
      },
      poll: async ({ member, count, timeoutMs }) =>
        (await this.#members.get(member)?.inbox.take(count, timeoutMs)) ?? [],
      commit: async ({ member }) => {
        const joined = this.#members.get(member)
        if (joined === undefined) return
        const { topic } = joined
        await joined.consumer.commitOffsets(
          joined.inbox.positions.map(([partition, offset]) => ({
            topic,
            partition,
            offset: String(offset),
          })),
        )
      },
      leave: async ({ member }) => {
        await this.#members.get(member)?.consumer.disconnect()
        this.#members.delete(member)
      },
    }
  }

  #groups(): Partial<Operations> {
    const admin = this.#admin
    return {
      listGroups: async () => (await admin.listGroups()).groups.map(({ groupId }) => groupId),
      describeGroup: async ({ group }) => {
        const [described] = (await admin.describeGroups([group])).groups
        return { state: described?.state ?? '', members: described?.members.length ?? -1 }
      },
      deleteGroup: ({ group }) => admin.deleteGroups([group]),
      committed: async ({ group, topic }) => {
        const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
        const known = (found?.partitions ?? []).filter(({ offset }) => offset !== '-1')
        return Object.fromEntries(known.map(one => [one.partition, Number(one.offset)]))
      },
      alterOffsets: ({ group, topic, partition, offset }) =>
        admin.setOffsets({
          groupId: group,
          topic,
          partitions: [{ partition, offset: String(offset) }],
        }),
    }
  }

  async #close(): Promise<void> {
    for (const { consumer } of this.#members.values()) await consumer.disconnect()
    await this.#admin.disconnect()
  }
}

function foundOf({ partition, message }: EachMessagePayload): Found {
  const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [
    name,
    String(value),
  ])
  return {
    partition,
    offset: Number(message.offset),
    key: message.key?.toString() ?? null,
    value: message.value?.toString() ?? null,
    headers: Object.fromEntries(headers),
    timestamp: Number(message.timestamp),
  }
}

export const kafkajsKind: DriverKind = {
  name: 'kafkajs',
  inProcess: true,
  prepare: async () => plugCodecs(),
  open: address => new KafkajsDriver(address).open(),
}
