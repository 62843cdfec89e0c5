import { setTimeout as sleep } from 'node:timers/promises'
import * as schema from '../../../src/protocols/amqp091/schema/index.ts'
import type { SocketClient } from '../../amqp091/socket-client.ts'
import type { Copy, Deed } from './ledger.ts'
import { NOWHERE } from './ledger.ts'
import { bodyOf, draft, idOf } from './messages.ts'
import type { Program, Scene } from './scene.ts'
import { table } from './topology.ts'

const PREFETCH = 30
const MESSAGES_MAX = 6

/** Takes from a queue and publishes to others, some of each in one transaction. */
export class Transactor implements Program {
  readonly name: string
  readonly #queue: string
  readonly #scene: Scene
  #count = 0
  #work = 0

  constructor(name: string, queue: string, scene: Scene) {
    this.name = name
    this.#queue = queue
    this.#scene = scene
  }

  takeWork(): number {
    const work = this.#work
    this.#work = 0
    return work
  }

  async run(client: SocketClient): Promise<void> {
    const scene = this.#scene
    const { ledger } = scene
    const { life } = ledger
    const held = new Map<number, Copy>()
    client.handlers.message = message => {
      if (ledger.life !== life) return
      const { redelivered, deliveryTag } = message.fields
      const copy = ledger.delivered(idOf(message), this.#queue, redelivered === true, this)
      if (copy !== undefined) held.set(Number(deliveryTag), copy)
    }
    await this.#open(client)
    while (!client.isEnded && !scene.isStopping) {
      const isLoad = scene.mode === 'load'
      if (isLoad || held.size > 0) await this.#transact(client, held, isLoad)
      await sleep(scene.below(5))
    }
  }

  async #open(client: SocketClient): Promise<void> {
    await client.ask(1, schema.channelOpen, {})
    await client.ask(1, schema.txSelect, {})
    const qos = { prefetchSize: 0, prefetchCount: PREFETCH, global: false }
    await client.ask(1, schema.basicQos, qos)
    await client.ask(1, schema.basicConsume, {
      queue: this.#queue,
      consumerTag: this.name,
      noLocal: false,
      noAck: false,
      exclusive: false,
      nowait: false,
      arguments: table({}),
    })
  }

  /** What is rolled back is published and acknowledged again, later, under another name. */
  async #transact(client: SocketClient, held: Map<number, Copy>, isLoad: boolean): Promise<void> {
    const scene = this.#scene
    const { ledger } = scene
    const { life } = ledger
    const deed = ledger.deed(`transaction ${this.name}/${this.#count}`)
    const isRollback = isLoad && scene.chance(0.15)
    const taken = [...held].filter(() => !isLoad || scene.chance(0.7))
    for (const [deliveryTag, copy] of taken) {
      client.send(1, schema.basicAck, { deliveryTag, multiple: false })
      if (!isRollback) ledger.moved(copy, NOWHERE, deed)
      if (!isRollback) held.delete(deliveryTag)
    }
    const count = isLoad ? scene.below(MESSAGES_MAX) : 0
    for (let index = 0; index < count; index++) this.#publish(client, deed)
    // Without a commit nothing may be seen of it, whether or not the rollback arrives.
    if (isRollback) ledger.rolledBack(deed)
    await client.ask(1, isRollback ? schema.txRollback : schema.txCommit, {})
    if (ledger.life !== life) return
    if (!isRollback) ledger.confirm(deed)
    this.#work++
  }

  #publish(client: SocketClient, deed: Deed): void {
    const scene = this.#scene
    const id = `${this.name}:${this.#count++}`
    const { exchange, routingKey, queues, properties, delayMs } = draft(scene)
    scene.ledger.published(id, queues, deed, delayMs === 0 ? 0 : Date.now() + delayMs)
    client.publish(1, { exchange, routingKey }, bodyOf(scene, id), properties)
  }
}
