import { specialTimestamp } from '../../protocols/kafka/constants.ts'
import { describeConfigs } from '../../protocols/kafka/schema/index.ts'
import type { Client, TopicFacts } from '../client/client.ts'
import { refused, throwIfRefused } from '../client/refusals.ts'
import type { Output } from '../output.ts'

const TOPIC_RESOURCE = 2
/** Where a setting comes from, in DescribeConfigs: the topic itself says it. */
const SOURCE_TOPIC = 1

/** Partitions with their offsets, and the settings that differ from the defaults. */
export async function describeTopics(
  client: Client,
  output: Output,
  names: readonly string[],
): Promise<void> {
  const described = []
  for (const facts of await client.topics(names)) {
    if (facts.errorCode !== 0) throw refused(`topic "${facts.name}"`, facts.errorCode)
    described.push(await describe(client, facts))
  }
  if (output.isJson) return output.json(described)
  for (const { topic, id, settings, partitions } of described) {
    const changed = Object.entries(settings).map(([name, value]) => `  ${name}=${value}\n`)
    await output.write(
      `Topic ${topic}  id ${id}  partitions ${partitions.length}\n${changed.join('')}`,
    )
    await output.table(
      { partition: 'PARTITION', leader: 'LEADER', start: 'START', end: 'END', records: 'RECORDS' },
      partitions,
    )
  }
}

async function describe(client: Client, facts: TopicFacts) {
  const topic = facts.name ?? ''
  const numbers = facts.partitions.map(({ partitionIndex }) => partitionIndex)
  const starts = await client.offsetsAt(topic, numbers, specialTimestamp.EARLIEST)
  const ends = await client.offsetsAt(topic, numbers, specialTimestamp.LATEST)
  const partitions = facts.partitions
    .map(({ partitionIndex, leaderId }) => {
      const start = starts.get(partitionIndex) ?? 0
      const end = ends.get(partitionIndex) ?? 0
      return { partition: partitionIndex, leader: leaderId, start, end, records: end - start }
    })
    .toSorted((one, other) => one.partition - other.partition)
  return { topic, id: facts.topicId, settings: await settingsOf(client, topic), partitions }
}

async function settingsOf(client: Client, topic: string): Promise<Record<string, string>> {
  const answer = await client.ask(describeConfigs, {
    resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configurationKeys: null }],
  })
  const [result] = answer.results
  if (result === undefined) return {}
  throwIfRefused(`settings of "${topic}"`, result.errorCode, result.errorMessage)
  const own = result.configs.filter(({ configSource }) => configSource === SOURCE_TOPIC)
  return Object.fromEntries(own.map(({ name, value }) => [name, value ?? '']))
}
