import { setTimeout as sleep } from 'node:timers/promises'
import type { Victim } from './victim.ts'

/** For a client to be given up and taken again, on a slow machine. */
const WORK_MS_MAX = 60_000
/** A machine that is busy with other things may need more. */
const READY_MS_MAX = Number(process.env['READY_MS'] ?? 2000)

/** How a protocol's clients are put to the test. */
export type Campaign = {
  readonly rounds: number
  readonly random: () => number
  /** Does to the files what a bug would have done. */
  readonly afterKill: (folder: string) => void
  /** A broker with a bug, in place of the real one. */
  readonly program?: string
  /** Everything is compared after so many rounds. Absent: when it is due. */
  readonly drainEvery?: number
}

export type Outcome = {
  passed: number
  acknowledged: number
  readyMsMax: number
  failure: unknown
}

/** Kills the broker and starts it again, now and then in the middle of its start. */
export async function killAndStart(
  victim: Victim,
  { random, afterKill }: Campaign,
  outcome: Outcome,
  killed: () => void = () => {},
): Promise<void> {
  await victim.kill()
  killed()
  afterKill(victim.folder)
  victim.spawn()
  if (random() < 0.1) {
    // Recovery must stand being killed as well.
    await sleep(random() * 300)
    await victim.kill()
    victim.spawn()
  }
  const began = performance.now()
  await victim.ready()
  const readyMs = performance.now() - began
  outcome.readyMsMax = Math.max(outcome.readyMsMax, readyMs)
  if (readyMs > READY_MS_MAX) throw new Error(`it took ${Math.round(readyMs)} ms to get ready`)
}

/** Clients that do nothing would find nothing. */
export type Worker = {
  readonly name: string
  /** That it got something done since the last time it was asked. */
  hasWorked(): boolean
}

/** Waits, without a kill meanwhile, until each got something done since it was asked last. */
export async function allWork(workers: readonly Worker[]): Promise<void> {
  const deadline = performance.now() + WORK_MS_MAX
  for (let idle = workers; ; await sleep(20)) {
    idle = idle.filter(worker => !worker.hasWorked())
    if (idle.length === 0) return
    if (performance.now() < deadline) continue
    throw new Error(`these did nothing: ${idle.map(({ name }) => name).join(', ')}`)
  }
}

/** Small and good enough: the seed chooses the instants, not more. */
export function seeded(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
