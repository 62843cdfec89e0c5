import type { Broker } from '../../broker/broker.ts'
import { BrokerError } from '../../broker/errors.ts'
import type { StreamReader, StreamStart, StreamTaker } from '../../broker/stream/index.ts'
import type { Partition, Topic } from '../../broker/topic/index.ts'
import { limits } from '../../limits/limits.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import { shownMessage, type ShownMessage } from './shown.ts'

const POLL_MS = 5
const PATIENCE_MS = 30_000

export type Browse = {
  readonly namespace: string
  readonly name: string
  readonly start: StreamStart
  readonly count: number
  /** Those, too, that were settled and are still in the log. */
  readonly isAll: boolean
}

/** Messages of a queue or topic as they lie, without taking any. */
export async function browse(broker: Broker, asked: Browse): Promise<readonly ShownMessage[]> {
  const topic = topicOf(broker, asked)
  const ends = topic.partitions.map(({ log }) => log.confirmedEnd as number)
  const browser = new Browser(broker, asked)
  const reader = broker.streams.open(topic, browser, { start: asked.start })
  const { clock, timers } = broker.runtime
  const deadline = clock.elapsed() + PATIENCE_MS
  try {
    while (!browser.isDone && !isPast(reader, ends)) {
      if (clock.elapsed() > deadline)
        throw new BrokerError('unavailable', `reading '${asked.name}' takes too long`)
      await new Promise<void>(resolve => timers.after(POLL_MS, resolve))
    }
  } finally {
    reader.close()
  }
  return browser.messages
}

function topicOf(broker: Broker, { namespace, name }: Browse): Topic {
  broker.namespaces.get(namespace)
  const topic = broker.queues.find(namespace, name)?.topic ?? broker.topics.find(namespace, name)
  if (topic !== undefined) return topic
  throw new BrokerError('not-found', `no queue '${name}' in vhost '${namespace}'`)
}

const isPast = (reader: StreamReader, ends: readonly number[]): boolean =>
  [...reader.positions()].every(({ partition, next }) => next >= (ends[partition] ?? 0))

class Browser implements StreamTaker {
  readonly messages: ShownMessage[] = []
  readonly #broker: Broker
  readonly #asked: Browse
  #bytesLeft = limits.localRequestBytesMax
  #isEnded = false

  constructor(broker: Broker, asked: Browse) {
    this.#broker = broker
    this.#asked = asked
  }

  get isReady(): boolean {
    return !this.isDone
  }

  get isDone(): boolean {
    return this.#isEnded || this.#bytesLeft <= 0 || this.messages.length >= this.#asked.count
  }

  deliver(message: StoredMessage, partition: Partition): void {
    const { namespace, name, isAll } = this.#asked
    const lane = this.#broker.queues.find(namespace, name)?.lanes.all[partition.index]
    if (!isAll && lane?.isSettled(message.offset) === true) return
    this.#bytesLeft -= message.bodyBytes
    this.messages.push(shownMessage(this.#broker.mappings, message, partition.index))
  }

  ended(): void {
    this.#isEnded = true
  }
}
