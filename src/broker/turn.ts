import { InvariantError } from '../lib/assert.ts'
import type { Runtime } from './runtime.ts'

/** What happens at the end of a turn, in this order. */
export const turnPhases = ['pack', 'journal', 'confirm', 'dispatch'] as const
export type TurnPhase = (typeof turnPhases)[number]

/**
 * Work that is done once for all that arrived in a turn of the event loop:
 *
 * - `pack`: records that wait for their logs become batches and are appended
 * - `journal`: settlements become events
 * - `confirm`: whoever waits for the disk says so to the store
 * - `dispatch`: queues hand out what became readable
 *
 * The first two run in one go and so land in one slot: what was published and settled since the
 * last flush is durable together or not at all. Nobody may append or journal a part of it earlier.
 */
export class Turn {
  readonly #runtime: Runtime
  readonly #due: Record<TurnPhase, (() => void)[]> = {
    pack: [],
    journal: [],
    confirm: [],
    dispatch: [],
  }
  #isScheduled = false
  #isFlushing = false

  constructor(runtime: Runtime) {
    this.#runtime = runtime
  }

  /** Runs `work` once, in that phase of this turn, or of the next if the phase is over. */
  add(phase: TurnPhase, work: () => void): void {
    this.#due[phase].push(work)
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#runtime.timers.soon(() => this.#end())
  }

  /** Appends and journals, now, all that waits for it. For what must not be torn apart. */
  flush(): void {
    if (this.#isFlushing) return // Work of a phase may publish: it is part of this flush.
    this.#isFlushing = true
    try {
      while (this.#due.pack.length > 0 || this.#due.journal.length > 0) {
        this.#run('pack')
        this.#run('journal')
      }
    } catch (cause) {
      // The rest is in no slot: whoever went on would tell clients of what is not there.
      throw new InvariantError('a turn is appended and journaled whole', { cause })
    }
    this.#isFlushing = false
  }

  /**
   * A slot of the log is about to be closed, between two runs of code: what came before anything
   * that is in it is in it, too. So a run is never torn apart, however much it appended meanwhile.
   */
  slotCloses(): void {
    this.flush()
  }

  #end(): void {
    this.#isScheduled = false
    this.flush()
    this.#run('confirm')
    this.#run('dispatch')
  }

  #run(phase: TurnPhase): void {
    const due = this.#due[phase]
    if (due.length === 0) return
    this.#due[phase] = []
    for (const work of due) work()
  }
}
