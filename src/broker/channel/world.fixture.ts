import { setImmediate as nextTurn } from 'node:timers/promises'
import { encodeBatch } from '../../log/batch/index.ts'
import type { Broker } from '../broker.ts'
import { queueSettingsDefault } from '../queue/settings.ts'
import { specOf } from '../queue/spec.fixture.ts'
import type { ChannelMessage, Form, Subscriber } from './message.ts'

/** For tests: writes "channel body" or "pattern channel body". */
export const textForm: Form = {
  encode({ channel, pattern, body, bodyStart, bodyEnd }: ChannelMessage): Buffer {
    const text = body.toString('latin1', bodyStart, bodyEnd)
    return Buffer.from(`${pattern === null ? '' : `${pattern} `}${channel} ${text}`, 'latin1')
  },
}

/** For tests: writes down what it was given. */
export class Ear implements Subscriber {
  readonly form: Form
  readonly heard: string[] = []

  constructor(form: Form = textForm) {
    this.form = form
  }

  take(frame: Buffer): void {
    this.heard.push(frame.toString('latin1'))
  }
}

/** For tests: a broker, and what happens to topics in it. */
export class ChannelWorld {
  readonly broker: Broker

  constructor(broker: Broker) {
    this.broker = broker
  }

  topic(name: string, partitionCount = 1): void {
    this.broker.topics.createNow({ name, naming: 'free', partitionCount, overrides: {} })
  }

  deleteTopic(name: string): void {
    this.broker.topics.deleteNow(this.broker.topics.find('/', name)!.id)
  }

  queue(name: string, type: 'classic' | 'stream' = 'classic'): void {
    this.broker.queues.declare(specOf(name, { type }), queueSettingsDefault)
  }

  deleteQueue(name: string): void {
    this.broker.queues.delete(this.broker.queues.find('/', name)!)
  }

  /** What a Kafka producer would do. */
  append(name: string, body: string, partition = 0): void {
    const record = {
      timestamp: this.broker.runtime.clock.now(),
      key: null,
      value: Buffer.from(body),
    }
    const { logId } = this.broker.topics.find('/', name)!.partitions[partition]!
    this.broker.runtime.store.append(logId, encodeBatch([record]))
  }

  channelPolicy(pattern: string, channel: boolean): void {
    this.broker.policies.set({
      namespace: '/',
      name: 'p',
      pattern,
      applyTo: 'all',
      definition: { channel },
      priority: 0,
    })
  }

  /** Until all that was begun is confirmed, and heard. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 8; turn++) await nextTurn()
  }

  publish(channel: string, body: string): number {
    return this.broker.channels.in('/').publish(channel, Buffer.from(body))
  }
}
