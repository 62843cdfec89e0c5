import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Step } from '../full-disk.ts'
import { until } from '../until.ts'
import type { Victim } from '../victim.ts'
import { Hoarder } from './hoarder.ts'

const MiB = 1024 * 1024

/** Redis clients fill the disk under a broker that lies in `victim`'s folder: step by step. */
export class RespFullDisk {
  readonly steps: readonly Step[] = [
    ['Redis clients write until the disk is full', () => this.#begin()],
    ['what was answered is there, what was refused is not', () => this.#compare()],
    ['with room, it goes on by itself', () => this.#goOn()],
    ['full again, killed and started, it has lost nothing', () => this.#restart()],
    ['with room, this one goes on, too', () => this.#goOn()],
    ['and has lost nothing when it is killed', () => this.#restart()],
  ]
  readonly #victim: Victim
  readonly #hoarders = ['anna', 'bert', 'cleo'].map(name => new Hoarder(name))
  readonly #fillers: string[]
  #isStopping = false
  #working: Promise<unknown> = Promise.resolve()

  constructor(victim: Victim) {
    this.#victim = victim
    this.#fillers = ['filler-1', 'filler-2'].map(name => join(victim.folder, name))
  }

  async #begin(): Promise<void> {
    for (const filler of this.#fillers) writeFileSync(filler, Buffer.alloc(10 * MiB))
    this.#victim.flags = ['--resp-appendfsync', 'everysec']
    this.#victim.spawn()
    await this.#victim.ready()
    await this.#fill()
  }

  async #compare(): Promise<void> {
    for (const hoarder of this.#hoarders) await hoarder.verify(this.#address)
    const kept = this.#hoarders.reduce((sum, hoarder) => sum + hoarder.kept.size, 0)
    if (kept < 500) throw new Error(`only ${kept} were kept`)
  }

  /** A disk that is full when it is killed: with the other policy after that. */
  async #restart(): Promise<void> {
    await this.#fill()
    await this.#victim.kill()
    this.#victim.flags = ['--resp-appendfsync', 'always']
    this.#victim.spawn()
    await this.#victim.ready()
    await this.#compare()
  }

  async #goOn(): Promise<void> {
    this.#work()
    rmSync(this.#fillers.pop()!)
    const before = this.#hoarders.map(({ kept }) => kept.size)
    const areGoingOn = (): boolean =>
      this.#hoarders.every(({ kept }, index) => kept.size > before[index]!)
    await until('all can write again', areGoingOn)
    await this.#stop()
    await this.#compare()
  }

  async #fill(): Promise<void> {
    this.#work()
    await until('all were refused', () => this.#hoarders.every(({ isRefused }) => isRefused))
    await this.#stop()
  }

  #work(): void {
    this.#isStopping = false
    this.#working = Promise.all(this.#hoarders.map(hoarder => this.#keepWorking(hoarder)))
    this.#working.catch(() => {}) // `stop` throws it.
  }

  /** Who waited for the disk when it failed is cut off, and comes again. */
  async #keepWorking(hoarder: Hoarder): Promise<void> {
    while (!this.#isStopping) await hoarder.work(this.#address, () => this.#isStopping)
  }

  async #stop(): Promise<void> {
    this.#isStopping = true
    await this.#working
  }

  get #address(): string {
    return `127.0.0.1:${this.#victim.ports.resp}`
  }
}
