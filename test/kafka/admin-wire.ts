import { TopicWorld } from '../../src/broker/topic/world.fixture.ts'
import { ByteReader, ByteWriter } from '../../src/lib/bytes/index.ts'
import { errorName } from '../../src/protocols/kafka/constants.ts'
import { handlerOf } from '../../src/protocols/kafka/handlers/index.ts'
import { requestCodec, responseCodec } from '../../src/protocols/kafka/schema/codecs.ts'
import type { Api, Fields, RequestDraft, ResponseOf } from '../../src/protocols/kafka/schema/dsl.ts'
import {
  createTopics,
  describeConfigs,
  incrementalAlterConfigs,
} from '../../src/protocols/kafka/schema/index.ts'

export const NODE = 1
export const TOPIC = 2
export const BROKER = 4
export const GROUP = 32
export const NOBODY = 'AAAAAAAAAAAAAAAAAAAABg'

/** Asks the handlers as a connection would, through the bytes of each version, without a socket. */
export class Wire {
  readonly world: TopicWorld

  constructor(settings: ConstructorParameters<typeof TopicWorld>[0] = {}) {
    this.world = new TopicWorld(settings)
  }

  async ask<Request extends Fields, Response extends Fields>(
    api: Api<Request, Response>,
    version: number,
    draft: RequestDraft<Api<Request, Response>>,
  ): Promise<ResponseOf<Api<Request, Response>>> {
    const handler = handlerOf(api.key)
    if (handler === undefined) throw new Error(`nobody serves ${api.name}`)
    const writer = new ByteWriter()
    requestCodec(api, version).write(writer, draft)
    const request = requestCodec(api, version).read(new ByteReader(writer.finish()))
    const answer = handler.answer(request, this.#context(version) as never)
    this.world.confirm()
    const response = await answer
    responseCodec(api, version).write(writer, response as never)
    return responseCodec(api, version).read(new ByteReader(writer.finish()))
  }

  /** Makes a topic, and says how that went. */
  async create(topic: Partial<NewTopic> & { name: string }, version = 7): Promise<string> {
    const { topics } = await this.ask(createTopics, version, {
      topics: [{ ...newTopic, ...topic }],
    })
    return outcome(topics[0])
  }

  /** Changes one setting, and says how that went. */
  async alter(resource: Resource, change: Partial<Change> & { name: string }): Promise<string> {
    const [resourceType, resourceName] = resource
    const { responses } = await this.ask(incrementalAlterConfigs, 1, {
      resources: [
        { resourceType, resourceName, configs: [{ configOperation: 0, value: null, ...change }] },
      ],
      validateOnly: false,
    })
    return outcome(responses[0])
  }

  /** All settings of something, as `kafka-configs.sh --describe --all` sees them. */
  async settings([resourceType, resourceName]: Resource) {
    const { results } = await this.ask(describeConfigs, 4, {
      resources: [{ resourceType, resourceName, configurationKeys: null }],
      includeSynonyms: true,
      includeDocumentation: true,
    })
    return new Map(results[0]?.configs.map(entry => [entry.name, entry]))
  }

  #context(version: number) {
    const runtime = { settings: this.world.settings }
    const local = { host: '10.0.0.1', port: 9092 }
    const peer = { local, listener: { name: 'kafka', advertised: null } }
    return { broker: { topics: this.world.topics, runtime }, peer, version, clientId: 'test' }
  }
}

export type Resource = [type: number, name: string]
export type Change = { name: string; configOperation: number; value: string | null }
export type NewTopic = RequestDraft<typeof createTopics>['topics'][number]
export const newTopic = { numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }

export const outcome = (
  answer: { readonly errorCode: number; readonly errorMessage: string | null } | undefined,
): string => {
  if (answer === undefined) return 'no answer'
  if (answer.errorCode === 0) return 'ok'
  return `${errorName(answer.errorCode)}: ${answer.errorMessage}`
}

export const versionsOf = ({ versions: [first, last] }: Api): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

/** One row of a Metadata answer. */
export const shown = (topic: {
  readonly errorCode: number
  readonly name: string | null
  readonly partitions: readonly unknown[]
}): string => `${topic.name} ${errorName(topic.errorCode)} ${topic.partitions.length}`
