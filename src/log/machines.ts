import { assert } from '../lib/assert.ts'
import type { BatchSummary, LogId, StateMachine } from './store.ts'

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

  /** Machines a snapshot does not know begin empty; it may know some that are no more. */
  restore(snapshots: ReadonlyMap<string, Buffer>): void {
    for (const [name, machine] of this.#byName) {
      const snapshot = snapshots.get(name)
      if (snapshot !== undefined) machine.restore(snapshot)
    }
  }

  snapshot(): Map<string, Buffer> {
    return new Map([...this.#byName].map(([name, machine]) => [name, machine.snapshot()]))
  }

  #named(name: string): StateMachine {
    const machine = this.#byName.get(name)
    assert(machine !== undefined, `the state machine "${name}" is known`)
    return machine
  }
}
