import { setTimeout as sleep } from 'node:timers/promises'
import * as schema from '../../../src/protocols/amqp091/schema/index.ts'
import type { SocketClient } from '../../amqp091/socket-client.ts'
import type { Deed } from './ledger.ts'
import { bodyOf, draft } from './messages.ts'
import type { Program, Scene } from './scene.ts'

const WINDOW_MAX = 64

/** Publishes persistent messages with confirms, and never one again. */
export class Publisher implements Program {
  readonly name: string
  readonly #scene: Scene
  #count = 0
  #work = 0

  constructor(name: string, scene: Scene) {
    this.name = name
    this.#scene = scene
  }

  takeWork(): number {
    const work = this.#work
    this.#work = 0
    return work
  }

  async run(client: SocketClient): Promise<void> {
    const { ledger } = this.#scene
    const { life } = ledger
    const unconfirmed = new Map<number, Deed>()
    let tag = 0
    await client.ask(1, schema.channelOpen, {})
    await client.ask(1, schema.confirmSelect, { nowait: false })
    client.handlers.confirm = (_, isAck, tagLast, isMultiple) => {
      if (ledger.life !== life) return
      for (const [one, deed] of unconfirmed) {
        if (isMultiple ? one > tagLast : one !== tagLast) continue
        unconfirmed.delete(one)
        if (isAck) ledger.confirm(deed)
        this.#work++
      }
    }
    while (!client.isEnded) {
      const window = this.#scene.mode === 'load' ? 1 + this.#scene.below(WINDOW_MAX) : 0
      while (unconfirmed.size < window) unconfirmed.set(++tag, this.#publish(client))
      await sleep(1)
      if (this.#scene.isStopping) return
    }
  }

  #publish(client: SocketClient): Deed {
    const { ledger } = this.#scene
    const id = `${this.name}:${this.#count++}`
    const { exchange, routingKey, queues, properties, delayMs } = draft(this.#scene)
    const deed = ledger.deed(`publish ${id}`)
    ledger.published(id, queues, deed, delayMs === 0 ? 0 : Date.now() + delayMs)
    client.publish(1, { exchange, routingKey }, bodyOf(this.#scene, id), properties)
    return deed
  }
}
