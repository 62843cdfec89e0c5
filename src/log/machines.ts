import { assert } from '../lib/assert.ts'
import type { BatchSummary, LogId, Snapshot, StateMachine } from './store.ts'

/** The state machines by name. What is recovered and what happens now goes through here alike. */
export class Machines {
  readonly #byName: ReadonlyMap<string, StateMachine>
  readonly #watching: readonly StateMachine[]

  constructor(machines: readonly StateMachine[]) {
    this.#byName = new Map(machines.map(machine => [machine.name, machine]))
    assert(this.#byName.size === machines.length, 'the names of state machines differ')
    this.#watching = machines.filter(machine => machine.appended !== undefined)
  }

  evolve(name: string, event: Buffer): void {
    this.#named(name).evolve(event)
  }

  appended(log: LogId, batch: BatchSummary): void {
    for (const machine of this.#watching) machine.appended!(log, batch)
  }

  /** In the order in which they are restored: later ones may build on earlier ones. */
  get names(): Iterable<string> {
    return this.#byName.keys()
  }

  restore(name: string, piece: Buffer): void {
    this.#named(name).restore(piece)
  }

  snapshots(): Map<string, Snapshot> {
    return new Map([...this.#byName].map(([name, machine]) => [name, machine.snapshot()]))
  }

  #named(name: string): StateMachine {
    const machine = this.#byName.get(name)
    assert(machine !== undefined, `the state machine "${name}" is known`)
    return machine
  }
}
