import fc from 'fast-check'
import { expect } from 'vitest'
import type { Millis } from '../lib/brand.ts'
import { silentLogger } from '../lib/logger.ts'
import type { StateMachine, Store, StoreRefusal } from '../log/store.ts'
import { seededRandom } from '../platform/seeded-random.ts'
import { Runtime } from './runtime.ts'
import { brokerSettingsDefault } from './settings.ts'
import { piecesOf } from './snapshot.fixture.ts'

type Entry = { readonly machine: string; readonly event: Buffer }

/** For tests: state machines over a journal in memory, which can be started again from it. */
export class JournalWorld<Parts> {
  parts: Parts
  /** Full disk: only what makes room is taken. */
  refusal: StoreRefusal | null = null
  #machines: readonly StateMachine[] = []
  #journal: Entry[] = []
  #snapshots = new Map<string, Buffer[]>()
  readonly #make: (runtime: Runtime) => Parts
  readonly #machinesOf: (parts: Parts) => readonly StateMachine[]
  readonly #started: (parts: Parts) => void

  constructor(
    make: (runtime: Runtime) => Parts,
    machinesOf: (parts: Parts) => readonly StateMachine[],
    started: (parts: Parts) => void = () => {},
  ) {
    this.#make = make
    this.#machinesOf = machinesOf
    this.#started = started
    this.parts = this.#open()
  }

  /** How many events were journaled since the last checkpoint. */
  get eventCount(): number {
    return this.#journal.length
  }

  /** Starts again from the snapshots and the events after them. */
  reopen(): void {
    this.parts = this.#open()
  }

  checkpoint(): void {
    this.#snapshots = new Map(
      this.#machines.map(({ name }) => [name, piecesOf(this.#named(name).snapshot())]),
    )
    this.#journal = []
  }

  /** The same state, whether replayed from events or restored from snapshots. */
  snapshots(): readonly string[] {
    return this.#machines.flatMap(machine => piecesOf(machine.snapshot()).map(String))
  }

  #open(): Parts {
    const runtime = new Runtime({
      settings: brokerSettingsDefault,
      logger: silentLogger,
      clock: { now: () => 1_700_000_000_000 as Millis, elapsed: () => 0 },
      timers: { after: () => ({ cancel() {} }), every: () => ({ cancel() {} }), soon() {} },
      random: seededRandom(1),
    })
    const parts = this.#make(runtime)
    this.#machines = this.#machinesOf(parts)
    for (const [name, pieces] of this.#snapshots)
      for (const piece of pieces) this.#named(name).restore(piece)
    for (const { machine, event } of this.#journal) this.#named(machine).evolve(event)
    runtime.attach(this.#store())
    this.#started(parts)
    return parts
  }

  #named(name: string): StateMachine {
    return this.#machines.find(machine => machine.name === name)!
  }

  #store(): Store {
    const keep = (machine: string, event: Buffer): void => {
      this.#journal.push({ machine, event })
      this.#named(machine).evolve(event)
    }
    const store: Partial<Store> = { journal: keep, journalRelief: keep, reliefRefusal: null }
    Object.defineProperty(store, 'refusal', { get: () => this.refusal })
    return store as Store
  }
}

/** Whatever changes were made, or refused: the state is the same from events and from snapshots. */
export function expectReplay<Parts>(
  changes: fc.Arbitrary<() => unknown>,
  world: JournalWorld<Parts>,
  options: {
    /** Of the world, and what else has to be done then. */
    readonly reopen: () => void
    readonly numRuns: number
    readonly lengthMax: number
  },
): void {
  fc.assert(
    fc.property(fc.array(changes, { maxLength: options.lengthMax }), history => {
      for (const change of history) {
        try {
          change()
        } catch (error) {
          expect((error as Error).name).toBe('BrokerError')
        }
      }
      const before = world.snapshots()
      options.reopen()
      expect(world.snapshots()).toEqual(before)
      world.checkpoint()
      options.reopen()
      expect(world.snapshots()).toEqual(before)
    }),
    { numRuns: options.numRuns },
  )
}
