import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { channelOpen } from '../../../src/protocols/amqp091/schema/index.ts'
import { SocketClient } from '../../amqp091/socket-client.ts'
import { seeded } from '../rounds.ts'
import type { Step } from '../full-disk.ts'
import { until } from '../until.ts'
import type { Victim } from '../victim.ts'
import { Consumer } from './consumer.ts'
import { complain, drain, withClient } from './drain.ts'
import { Publisher } from './publisher.ts'
import { keepRunning, Scene } from './scene.ts'
import { consumed, declareAll, MARKS, table } from './topology.ts'

const MiB = 1024 * 1024

/** AMQP clients fill the disk under a broker that lies in `victim`'s folder: step by step. */
export class AmqpFullDisk {
  readonly steps: readonly Step[]
  readonly #victim: Victim
  readonly #scene: Scene
  #observer: SocketClient | null = null
  #notices: string[] = []

  constructor(victim: Victim) {
    this.#victim = victim
    // The disk itself is to say no, not the alarm before it.
    victim.flags = ['--disk-free-min', '0']
    this.#scene = new Scene(victim.ports.amqp091, seeded(1))
    this.#scene.paddingBytes = 20_000
    this.steps = [
      ['AMQP clients publish until the disk is full', () => this.#begin()],
      ['a client that asked for it is told that it is blocked', () => this.#blocked()],
      ['killed and started on the full disk, it is blocked as before', () => this.#restart()],
      ['with room, it goes on by itself and tells who was blocked', () => this.#goOn()],
      ['full again, consumers make the room it goes on with', () => this.#consume()],
      ['nothing that was confirmed is lost', () => this.#compare()],
    ]
  }

  async #begin(): Promise<void> {
    writeFileSync(this.#filler, Buffer.alloc(20 * MiB))
    this.#victim.spawn()
    await this.#victim.ready()
    await withClient(this.#scene, declareAll)
    this.#scene.isUp = true
    for (const index of [1, 2]) this.#run(new Publisher(`publisher-${index}`, this.#scene))
    await this.#untilRefused(0)
  }

  async #blocked(): Promise<void> {
    const capabilities = table({ 'connection.blocked': { type: 'bool', value: true } })
    const clientProperties = table({ capabilities: { type: 'table', value: capabilities } })
    this.#observer?.destroy()
    this.#notices = []
    const observer = await SocketClient.open({ port: this.#scene.port, clientProperties })
    observer.handlers.notice = (_, { name }) => this.#notices.push(name)
    this.#observer = observer
    await observer.ask(1, channelOpen, {})
    observer.publish(1, { routingKey: MARKS }, Buffer.from('am I blocked?'))
    await until('it is told', () => this.#notices.includes('connection.blocked'))
  }

  async #restart(): Promise<void> {
    this.#scene.isUp = false
    await this.#victim.kill()
    this.#scene.ledger.crashed()
    this.#victim.spawn()
    await this.#victim.ready()
    this.#scene.isUp = true
    await this.#untilRefused(1)
    await this.#blocked()
  }

  async #goOn(): Promise<void> {
    rmSync(this.#filler)
    await until('it is told', () => this.#notices.includes('connection.unblocked'))
    await this.#untilConfirming()
  }

  async #consume(): Promise<void> {
    await this.#untilRefused(2)
    for (const queue of consumed)
      this.#run(new Consumer(`consumer of ${queue}`, queue, this.#scene))
    await this.#untilConfirming()
  }

  async #compare(): Promise<void> {
    await drain(this.#scene)
    complain(this.#scene)
    this.#scene.isStopping = true
    this.#observer?.destroy()
    if (this.#scene.ledger.observed < 1000) throw new Error('hardly anything was delivered')
  }

  #run(program: Parameters<typeof keepRunning>[1]): void {
    void keepRunning(this.#scene, program).then(error => {
      if (error !== null)
        this.#scene.ledger.complaints.push(
          error instanceof Error ? error.message : JSON.stringify(error),
        )
    })
  }

  async #untilRefused(before: number): Promise<void> {
    const count = (): number => this.#victim.log.split('writes are refused').length - 1
    await until('writes are refused', () => count() > before)
  }

  async #untilConfirming(): Promise<void> {
    const before = this.#scene.ledger.confirmed
    await until('something is confirmed again', () => this.#scene.ledger.confirmed > before + 100)
  }

  get #filler(): string {
    return join(this.#victim.folder, 'filler')
  }
}
