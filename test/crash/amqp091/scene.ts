import { setTimeout as sleep } from 'node:timers/promises'
import { SocketClient } from '../../amqp091/socket-client.ts'
import { Ledger } from './ledger.ts'

/** What all clients of a campaign share. */
export class Scene {
  readonly ledger = new Ledger()
  readonly port: number
  readonly random: () => number
  /** False while the broker is killed and started again. */
  isUp = false
  /** `drain`: nobody publishes, and everything is acknowledged. */
  mode: 'load' | 'drain' = 'load'
  isStopping = false
  /** Every body is larger by so much. */
  paddingBytes = 0

  constructor(port: number, random: () => number) {
    this.port = port
    this.random = random
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  below(end: number): number {
    return Math.floor(this.random() * end)
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }
}

/** One client program: it works on a connection until that ends, then on the next one. */
export interface Program {
  readonly name: string
  /** Works until the connection ends, or comes back to get another. */
  run(client: SocketClient): Promise<void>
  /** Everything done since the last time it was asked; a program that is idle proves nothing. */
  takeWork(): number
}

/** Runs a program until the scene is over. Resolves with what ended it before, or null. */
export async function keepRunning(scene: Scene, program: Program): Promise<unknown> {
  while (!scene.isStopping) {
    if (!scene.isUp) {
      await sleep(5)
      continue
    }
    const { life } = scene.ledger
    let client: SocketClient | undefined
    try {
      client = await SocketClient.open({ port: scene.port })
      await program.run(client)
    } catch (error) {
      // Cut off by a kill is what this is about; anything else is not.
      const text = client?.closeText ?? null
      if (text !== null) return new Error(`${program.name}: the broker closed: ${text}`)
      if (scene.isUp && scene.ledger.life === life && !isCutOff(error)) return error
      await sleep(5)
    } finally {
      client?.destroy()
      scene.ledger.released(program)
    }
  }
  return null
}

const isCutOff = (error: unknown): boolean =>
  error instanceof Error && /has ended|ECONN|EPIPE|socket/.test(error.message)
