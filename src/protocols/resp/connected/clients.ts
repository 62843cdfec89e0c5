import type { Runtime } from '../../../broker/runtime.ts'
import type { ClientState } from './client-state.ts'
import type { CommandEntry } from '../command-table.ts'

/** Everybody who is connected, and what holds for all of them. */
export class Clients {
  readonly #runtime: Runtime
  readonly #byId = new Map<number, ClientState>()
  #goingOn: ClientState[] = []
  /** Until when commands wait (CLIENT PAUSE), by the clock that never goes back. */
  #pausedUntil = 0
  #pauses: 'all' | 'writes' = 'all'
  readonly #paused = new Set<ClientState>()

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  add(client: ClientState): void {
    this.#byId.set(client.id, client)
  }

  remove(client: ClientState): void {
    this.#byId.delete(client.id)
    this.#paused.delete(client)
  }

  get(id: number): ClientState | undefined {
    return this.#byId.get(id)
  }

  all(): Iterable<ClientState> {
    return this.#byId.values()
  }

  get count(): number {
    return this.#byId.size
  }

  /** It reads commands again when those that are run now are done. */
  goOnSoon(client: ClientState): void {
    if (this.#goingOn.push(client) > 1) return
    this.#runtime.timers.soon(() => {
      const clients = this.#goingOn
      this.#goingOn = []
      for (const one of clients) one.host.goOn()
    })
  }

  get isPausing(): boolean {
    return this.#pausedUntil > 0
  }

  /** Commands of all clients wait. A pause that is going on may become longer and stricter. */
  pause(timeoutMs: number, what: 'all' | 'writes'): void {
    const until = this.#runtime.clock.elapsed() + timeoutMs
    const isGoingOn = this.isPausing
    this.#pauses = isGoingOn && this.#pauses === 'all' ? 'all' : what
    this.#pausedUntil = Math.max(this.#pausedUntil, until)
    this.#wakeLater()
  }

  unpause(): void {
    this.#pausedUntil = 0
    const paused = [...this.#paused]
    this.#paused.clear()
    for (const client of paused) client.host.goOn()
  }

  /** Whether a command has to wait for the end of a pause; the client is called then. */
  postpones(client: ClientState, entry: CommandEntry): boolean {
    if (entry.name === 'client|unpause') return false
    const isWrite = entry.name === 'exec' ? client.transaction?.mayChange : entry.isReplicated
    if (this.#pauses === 'writes' && isWrite !== true) return false
    this.#paused.add(client)
    return true
  }

  #wakeLater(): void {
    const delayMs = Math.max(0, Math.ceil(this.#pausedUntil - this.#runtime.clock.elapsed()))
    this.#runtime.timers.after(Math.min(delayMs, 2 ** 31 - 1), () => {
      if (this.#pausedUntil === 0) return
      if (this.#runtime.clock.elapsed() >= this.#pausedUntil) this.unpause()
      else this.#wakeLater()
    })
  }
}
