import { setTimeout as sleep } from 'node:timers/promises'
import * as schema from '../../../src/protocols/amqp091/schema/index.ts'
import type { Message, SocketClient } from '../../amqp091/socket-client.ts'
import type { Copy, Deed } from './ledger.ts'
import { NOWHERE } from './ledger.ts'
import { idOf } from './messages.ts'
import type { Program, Scene } from './scene.ts'
import { MARKS, table } from './topology.ts'

const PREFETCH = 60
const WORK = 1
const CONFIRMS = 2

/** What a confirmed message says about what the same connection did before it. */
type Mark = { readonly deeds: readonly Deed[]; readonly delivered: readonly Copy[] }

/** Acknowledges, gives back, rejects, and keeps for a while what one queue has for it. */
export class Consumer implements Program {
  readonly name: string
  readonly #queue: string
  readonly #scene: Scene
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
    const desk = new Desk(client, scene, this.#queue, this)
    await client.ask(WORK, schema.channelOpen, {})
    await client.ask(CONFIRMS, schema.channelOpen, {})
    await client.ask(CONFIRMS, schema.confirmSelect, { nowait: false })
    desk.open()
    await client.ask(WORK, schema.basicQos, {
      prefetchSize: 0,
      prefetchCount: PREFETCH,
      global: false,
    })
    await client.ask(WORK, schema.basicConsume, {
      queue: this.#queue,
      consumerTag: this.name,
      noLocal: false,
      noAck: false,
      exclusive: false,
      nowait: false,
      arguments: table({}),
    })
    while (!client.isEnded) {
      this.#work += desk.settleSome()
      await sleep(1 + scene.below(3))
      if (scene.isStopping) return
      // Now and then one leaves without a word.
      if (scene.mode === 'load' && scene.chance(0.002)) return
    }
  }
}

/** The deliveries of one connection. */
class Desk {
  readonly #client: SocketClient
  readonly #scene: Scene
  readonly #queue: string
  readonly #holder: Program
  readonly #life: number
  /** By tag, in the order they came. */
  readonly #held = new Map<number, Copy>()
  readonly #marks = new Map<number, Mark>()
  #markTag = 0
  #deeds: Deed[] = []
  #delivered: Copy[] = []
  /** The number of the last message that came first time, by publisher and priority. */
  readonly #last = new Map<string, number>()

  constructor(client: SocketClient, scene: Scene, queue: string, holder: Program) {
    this.#client = client
    this.#scene = scene
    this.#queue = queue
    this.#holder = holder
    this.#life = scene.ledger.life
  }

  open(): void {
    this.#client.handlers = {
      message: message => this.#delivery(message),
      confirm: (_, isAck, tag, isMultiple) => this.#confirmed(isAck, tag, isMultiple),
    }
  }

  /** Returns how much was settled. */
  settleSome(): number {
    const scene = this.#scene
    const before = this.#held.size
    if (scene.mode === 'drain') this.#settleUpTo(this.#lastTag)
    else {
      if (scene.chance(0.1)) this.#settleUpTo(scene.pick([...this.#held.keys()]) ?? 0)
      for (const [tag, copy] of [...this.#held]) {
        const dice = scene.random()
        if (dice < 0.5) this.#settle(tag, copy)
        else if (dice < 0.6) this.#giveBack(tag, copy)
      }
    }
    if (this.#deeds.length > 0 || this.#delivered.length > 0) this.#mark()
    return before - this.#held.size
  }

  get #lastTag(): number {
    return [...this.#held.keys()].at(-1) ?? 0
  }

  #delivery(message: Message): void {
    const { ledger } = this.#scene
    if (ledger.life !== this.#life) return
    const id = idOf(message)
    const isRedelivered = message.fields['redelivered'] === true
    const copy = ledger.delivered(id, this.#queue, isRedelivered, this.#holder)
    if (copy === undefined) return
    this.#checkOrder(id, message)
    this.#held.set(Number(message.fields['deliveryTag']), copy)
    this.#delivered.push(copy)
  }

  /** What one publisher published to one queue comes in that order, unless it came before. */
  #checkOrder(id: string, { fields, properties }: Message): void {
    if (fields['redelivered'] === true || this.#queue === 'dead' || this.#queue === 'delayed')
      return
    const [publisher = '', number] = id.split(':')
    const priority = this.#queue === 'priority' ? Math.min(5, properties.priority ?? 0) : 0
    const key = `${publisher} ${priority}`
    const last = this.#last.get(key) ?? -1
    if (Number(number) <= last)
      this.#scene.ledger.complaints.push(`"${id}" of ${this.#queue} came after ${last}`)
    this.#last.set(key, Number(number))
  }

  #settle(deliveryTag: number, copy: Copy): void {
    const isRejected = this.#queue === 'work' && this.#scene.chance(0.3)
    if (isRejected) this.#client.send(WORK, schema.basicReject, { deliveryTag, requeue: false })
    else this.#client.send(WORK, schema.basicAck, { deliveryTag, multiple: false })
    this.#note(deliveryTag, copy, isRejected ? 'dead' : NOWHERE)
  }

  #settleUpTo(deliveryTag: number): void {
    if (deliveryTag === 0) return
    const multiple = true
    const isRejected = this.#queue === 'work' && this.#scene.chance(0.2)
    if (isRejected)
      this.#client.send(WORK, schema.basicNack, { deliveryTag, multiple, requeue: false })
    else this.#client.send(WORK, schema.basicAck, { deliveryTag, multiple })
    for (const [tag, copy] of [...this.#held])
      if (tag <= deliveryTag) this.#note(tag, copy, isRejected ? 'dead' : NOWHERE)
  }

  #giveBack(deliveryTag: number, copy: Copy): void {
    this.#client.send(WORK, schema.basicNack, { deliveryTag, multiple: false, requeue: true })
    this.#held.delete(deliveryTag)
    this.#scene.ledger.returned(copy)
  }

  #note(tag: number, copy: Copy, to: string): void {
    const { ledger } = this.#scene
    this.#held.delete(tag)
    const what = to === NOWHERE ? 'ack' : 'rejection'
    const deed = ledger.deed(`${what} of ${copy.message.id} in ${this.#queue}`)
    ledger.moved(copy, to, deed)
    // A dead letter may have to be read from the disk first: when it is safe nobody is told.
    if (to === NOWHERE) this.#deeds.push(deed)
  }

  /** Once this message is confirmed, what was sent before it is safe. */
  #mark(): void {
    const body = Buffer.from('mark')
    this.#client.publish(CONFIRMS, { routingKey: MARKS }, body, { deliveryMode: 2 })
    this.#marks.set(++this.#markTag, { deeds: this.#deeds, delivered: this.#delivered })
    this.#deeds = []
    this.#delivered = []
  }

  #confirmed(isAck: boolean, tagLast: number, isMultiple: boolean): void {
    const { ledger } = this.#scene
    if (ledger.life !== this.#life) return
    for (const [tag, { deeds, delivered }] of this.#marks) {
      if (isMultiple ? tag > tagLast : tag !== tagLast) continue
      this.#marks.delete(tag)
      if (!isAck) continue
      for (const deed of deeds) ledger.confirm(deed)
      for (const copy of delivered) ledger.deliveryKnown(copy, this.#queue)
    }
  }
}
