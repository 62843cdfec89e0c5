import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FieldTable } from '../../src/protocols/amqp091/codec/index.ts'
import { emptyTable } from '../../src/protocols/amqp091/codec/index.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import { type SocketOptions, SocketClient } from '../amqp091/socket-client.ts'
import { launch, type RunningBroker } from '../clients/brokers.ts'

const MiB = 2 ** 20
/** Nothing here takes so long on any machine. */
const PATIENCE_MS = 120_000

export type Scenario = {
  readonly name: string
  /** Flags the broker is started with; scenarios with the same ones share it. */
  readonly flags?: readonly string[]
  run(stage: Stage): Promise<string | void>
}

/** A broker in a process of its own, and what clients do to it. */
export class Stage {
  /** 1: as large as was promised. Less: the same in small. */
  readonly share: number
  readonly #broker: RunningBroker
  readonly #clients = new Set<SocketClient>()

  private constructor(broker: RunningBroker, share: number) {
    this.#broker = broker
    this.share = share
  }

  static async open(flags: readonly string[], share: number): Promise<Stage> {
    const program = process.env['TEST_PROGRAM'] ?? 'bin/sabir.js'
    const broker = await launch({
      name: 'sabir',
      command: (port, folder) => {
        const listeners = `amqp091://127.0.0.1:${port}`
        const common = ['--data', folder, '--listeners', listeners, '--log-level', 'warn']
        return { line: [process.execPath, program, 'start', ...common, ...flags] }
      },
    })
    return new Stage(broker, share)
  }

  get port(): number {
    return Number(this.#broker.address.split(':')[1])
  }

  get log(): string {
    return this.#broker.log()
  }

  /** So many of them, or the share that is tested. */
  some(count: number): number {
    return Math.max(1, Math.round(count * this.share))
  }

  /** What the process holds of the machine's memory now, and what it held at most. */
  memoryMiB(): { readonly now: number; readonly most: number } {
    const status = readFileSync(`/proc/${this.#broker.pid()}/status`, 'latin1')
    const value = (name: string): number =>
      Math.round((Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / MiB)
    return { now: value('VmRSS'), most: value('VmHWM') }
  }

  /** Throws when the process held more, at any time. */
  checkMemory(mostMiB: number): string {
    const { now, most } = this.memoryMiB()
    if (most > mostMiB) throw new Error(`it held ${most} MiB, and must not need ${mostMiB}`)
    return `${now} MiB, ${most} MiB at most`
  }

  /** A socket over which nothing was said; ended with the scenario. */
  async stranger(): Promise<SocketClient> {
    return this.#kept(await SocketClient.connect(this.port))
  }

  /** Logged in, with channel 1 open. */
  async client(options: Partial<SocketOptions> = {}): Promise<SocketClient> {
    const client = this.#kept(await SocketClient.open({ port: this.port, ...options }))
    await client.ask(1, schema.channelOpen, {})
    return client
  }

  /** Many at once, but not all: a backlog of connections is the system's. */
  async clients(count: number): Promise<SocketClient[]> {
    const clients: SocketClient[] = []
    while (clients.length < count) {
      const batch = Math.min(100, count - clients.length)
      clients.push(...(await Promise.all(Array.from({ length: batch }, () => this.client()))))
    }
    return clients
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error(`it takes too long until ${what}`)
      await sleep(10)
    }
  }

  /** That others are served meanwhile: a message goes in and comes out. */
  async checkService(): Promise<void> {
    const client = await this.client()
    const queue = 'service'
    await declare(client, queue)
    await client.ask(1, schema.queuePurge, { queue, nowait: false })
    await publishConfirmed(client, queue, [Buffer.from('service')])
    const { name } = await client.ask(1, schema.basicGet, { queue, noAck: true })
    if (name !== 'basic.get_ok') throw new Error(`a message was published, but ${name} came`)
    client.destroy()
  }

  /** The clients of a scenario are gone. */
  endClients(): void {
    for (const client of this.#clients) client.destroy()
    this.#clients.clear()
  }

  async close(): Promise<void> {
    this.endClients()
    await this.#broker.stop()
  }

  #kept(client: SocketClient): SocketClient {
    this.#clients.add(client)
    return client
  }
}

export async function declare(
  client: SocketClient,
  queue: string,
  args: FieldTable = emptyTable,
): Promise<number> {
  const flags = { passive: false, exclusive: false, autoDelete: false, nowait: false }
  const asked = { queue, durable: true, ...flags, arguments: args }
  const { fields } = await client.ask(1, schema.queueDeclare, asked)
  return Number(fields['messageCount'])
}

export async function remove(client: SocketClient, queue: string): Promise<void> {
  const flags = { ifUnused: false, ifEmpty: false, nowait: false }
  await client.ask(1, schema.queueDelete, { queue, ...flags })
}

export async function consume(client: SocketClient, queue: string, prefetch: number) {
  const qos = { prefetchSize: 0, prefetchCount: prefetch, global: false }
  await client.ask(1, schema.basicQos, qos)
  const flags = { noLocal: false, noAck: false, exclusive: false, nowait: false }
  await client.ask(1, schema.basicConsume, {
    queue,
    consumerTag: '',
    ...flags,
    arguments: emptyTable,
  })
}

/** Persistent messages, all in flight at once as far as the socket takes them. */
export async function publishConfirmed(
  client: SocketClient,
  queue: string | ((index: number) => { readonly exchange: string; readonly routingKey: string }),
  bodies: Iterable<Buffer>,
): Promise<number> {
  await client.ask(1, schema.confirmSelect, { nowait: false })
  const confirms = new Confirms(client)
  let sent = 0
  for (const body of bodies) {
    const target = typeof queue === 'string' ? { routingKey: queue } : queue(sent)
    client.publish(1, target, body, { deliveryMode: 2 })
    sent++
    while (client.isCongested) await sleep(1)
  }
  await confirms.reached(sent)
  return sent
}

/** How far one channel's publishes are confirmed. */
export class Confirms {
  count = 0
  refused = 0
  readonly #client: SocketClient

  constructor(client: SocketClient) {
    this.#client = client
    let last = 0
    client.handlers.confirm = (_, isAck, tag, isMultiple) => {
      const count = isMultiple ? tag - last : 1
      last = Math.max(last, tag)
      if (isAck) this.count += count
      else this.refused += count
    }
  }

  async reached(count: number): Promise<void> {
    while (this.count + this.refused < count) {
      if (this.#client.isEnded) throw new Error(`cut off: ${this.#client.closeText}`)
      await sleep(2)
    }
    if (this.refused > 0) throw new Error(`${this.refused} messages were refused`)
  }
}

export function* repeated(body: Buffer, count: number): Generator<Buffer> {
  for (let index = 0; index < count; index++) yield body
}
