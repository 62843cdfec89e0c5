import { setTimeout as sleep } from 'node:timers/promises'
import * as schema from '../../../src/protocols/amqp091/schema/index.ts'
import type { SocketClient } from '../../amqp091/socket-client.ts'
import type { Program, Scene } from './scene.ts'
import { int, table, text } from './topology.ts'

const NAMES = 8
const TYPES = ['direct', 'fanout', 'topic', 'headers', 'x-consistent-hash'] as const

/** A queue, an exchange, and a binding between them, as far as the broker said. */
type Piece = { readonly name: string; state: 'there' | 'gone' | 'unsure'; readonly type: string }

/** Declares and deletes without pause; what was answered must be so after every start. */
export class Declarer implements Program {
  readonly name = 'declarer'
  readonly #scene: Scene
  readonly #pieces: Piece[] = []
  #work = 0

  constructor(scene: Scene) {
    this.#scene = scene
    for (let index = 0; index < NAMES; index++)
      this.#pieces.push({
        name: `extra-${index}`,
        state: 'gone',
        type: TYPES[index % TYPES.length]!,
      })
  }

  takeWork(): number {
    const work = this.#work
    this.#work = 0
    return work
  }

  async run(client: SocketClient): Promise<void> {
    await client.ask(1, schema.channelOpen, {})
    for (const piece of this.#pieces) await this.#verify(client, piece)
    while (!client.isEnded && !this.#scene.isStopping) {
      const piece = this.#scene.pick(this.#pieces)
      const isThere = piece.state === 'there'
      piece.state = 'unsure'
      if (isThere) await this.#delete(client, piece)
      else await this.#declare(client, piece)
      piece.state = isThere ? 'gone' : 'there'
      this.#work++
      await sleep(this.#scene.below(20))
    }
  }

  async #declare(client: SocketClient, piece: Piece): Promise<void> {
    const { name } = piece
    await client.ask(1, schema.queueDeclare, queueOf(name, false))
    await client.ask(1, schema.exchangeDeclare, exchangeOf(piece, false))
    await client.ask(1, schema.queueBind, { ...bindingOf(name), nowait: false })
  }

  async #delete(client: SocketClient, { name }: Piece): Promise<void> {
    const flags = { ifUnused: false, nowait: false }
    await client.ask(1, schema.exchangeDelete, { exchange: name, ...flags })
    await client.ask(1, schema.queueDelete, { queue: name, ifEmpty: false, ...flags })
  }

  async #verify(client: SocketClient, piece: Piece): Promise<void> {
    const { name, state } = piece
    const hasQueue = await isFound(client, () =>
      client.ask(1, schema.queueDeclare, queueOf(name, true)),
    )
    const hasExchange = await isFound(client, () =>
      client.ask(1, schema.exchangeDeclare, exchangeOf(piece, true)),
    )
    const { complaints } = this.#scene.ledger
    if (state !== 'unsure') {
      const isThere = state === 'there'
      if (hasQueue !== isThere) complaints.push(`queue ${name} should be ${state}`)
      if (hasExchange !== isThere) complaints.push(`exchange ${name} should be ${state}`)
      if (isThere && hasExchange && !(await isBound(client, name)))
        complaints.push(`the binding of ${name} should be there`)
    } else if (hasQueue && hasExchange) {
      await this.#declare(client, piece) // Perhaps it was cut off before the binding.
      piece.state = 'there'
    } else {
      // Only half of it was done: now all is undone.
      await this.#delete(client, piece)
      piece.state = 'gone'
    }
    // The same again is no contradiction, the binding included.
    if (piece.state === 'there' && this.#scene.chance(0.2)) await this.#declare(client, piece)
    this.#work++
  }
}

const queueOf = (queue: string, passive: boolean) => ({
  queue,
  passive,
  durable: true,
  exclusive: false,
  autoDelete: false,
  nowait: false,
  arguments: table({ 'x-max-length': int(7), 'x-overflow': text('drop-head') }),
})

const exchangeOf = ({ name, type }: Piece, passive: boolean) => ({
  exchange: name,
  type,
  passive,
  durable: true,
  autoDelete: false,
  internal: false,
  nowait: false,
  arguments: table({}),
})

const bindingOf = (name: string) => ({
  queue: name,
  exchange: name,
  routingKey: '1',
  arguments: table({}),
})

/** Whether the request is answered; false when the channel is closed for it, which opens again. */
async function isFound(client: SocketClient, ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask()
    return true
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOT_FOUND')) throw error
    client.closeText = null
    await client.ask(1, schema.channelOpen, {})
    return false
  }
}

/** Whether a message finds its way from the exchange to the queue. */
async function isBound(client: SocketClient, exchange: string): Promise<boolean> {
  let isReturned = false
  client.handlers.message = () => (isReturned = true)
  client.publish(1, { exchange, routingKey: '1', mandatory: true }, Buffer.from('found'))
  // A channel answers in order.
  await client.ask(
    1,
    schema.exchangeDeclare,
    exchangeOf({ name: exchange, type: '', state: 'there' }, true),
  )
  return !isReturned
}
