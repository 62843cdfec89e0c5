import { setTimeout as sleep } from 'node:timers/promises'
import {
  createTopics,
  deleteTopics,
  listOffsets,
  metadata,
} from '../../../src/protocols/kafka/schema/index.ts'
import { Wire } from './wire.ts'

const TOPIC_ALREADY_EXISTS = 36
const TIMEOUT_MS = 30_000
const ASK_EVERY_MS = 20

type Topic = {
  readonly topic: string
  readonly partitions: number
  readonly configs?: Readonly<Record<string, string>>
}

/** The end of a partition. */
const LATEST = -1

/** Makes it unless it is there, and waits until each partition's leader serves it. */
export async function makeTopic(wire: Wire, { topic, partitions, configs }: Topic): Promise<void> {
  const { topics } = await wire.ask(createTopics, 4, {
    topics: [
      {
        name: topic,
        numPartitions: partitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs ?? {}).map(([name, value]) => ({ name, value })),
      },
    ],
    timeoutMs: TIMEOUT_MS,
    validateOnly: false,
  })
  const { errorCode = -1, errorMessage } = topics[0] ?? {}
  if (errorCode !== 0 && errorCode !== TOPIC_ALREADY_EXISTS)
    throw new Error(`creating the topic failed: ${errorCode} ${errorMessage}`)
  const deadline = performance.now() + TIMEOUT_MS
  while (!(await hasLeaders(wire, topic)) || !(await isServed(wire, topic, partitions))) {
    if (performance.now() > deadline) throw new Error(`nobody serves ${topic}`)
    await sleep(ASK_EVERY_MS)
  }
}

async function hasLeaders(wire: Wire, topic: string): Promise<boolean> {
  const { topics } = await wire.ask(metadata, 9, {
    topics: [{ name: topic }],
    allowAutoTopicCreation: false,
  })
  const { errorCode, partitions = [] } = topics[0] ?? {}
  return errorCode === 0 && partitions.every(one => one.errorCode === 0 && one.leaderId >= 0)
}

/** Apache Kafka names leaders some moments before these know of it themselves. */
async function isServed(wire: Wire, topic: string, count: number): Promise<boolean> {
  const partitions = Array.from({ length: count }, (_, partitionIndex) => {
    return { partitionIndex, timestamp: LATEST }
  })
  const request = { replicaId: -1, topics: [{ name: topic, partitions }] }
  const { topics } = await wire.ask(listOffsets, 5, request)
  return topics.every(one => one.partitions.every(({ errorCode }) => errorCode === 0))
}

export async function dropTopics(wire: Wire, topicNames: readonly string[]): Promise<void> {
  const { responses } = await wire.ask(deleteTopics, 4, { topicNames, timeoutMs: TIMEOUT_MS })
  for (const { name, errorCode } of responses)
    if (errorCode !== 0) throw new Error(`deleting ${name} failed: ${errorCode}`)
}
