import { setTimeout as sleep } from 'node:timers/promises'
import { describeMachine, watchOthers } from './machine.ts'
import { forgetPeak, startedHere } from './processes.ts'
import { killNew } from './programs.ts'
import { Recorder, rounded } from './recorder.ts'
import type { SideResult, SuiteResult } from './result.ts'
import { startSide } from './start.ts'
import type { Side, Subject } from './side.ts'
import type { Outcome, Suite, Workload } from './suite.ts'

export type MeasureSettings = {
  readonly rounds: number
  readonly seconds: number
  readonly backlogBytes: number
  /** Where servers keep their data. */
  readonly folder: string
  /** Only workloads whose name holds this. */
  readonly only: string
  /** Only these sides; all, when there are none. */
  readonly sides?: readonly string[]
  readonly report: (line: string) => void
}

/**
 * Round after round, side after side, so that what else the machine does hits them all. What fails
 * is recorded, and the rest goes on.
 */
export async function measure(suite: Suite, settings: MeasureSettings): Promise<SuiteResult> {
  const others = watchOthers()
  const sides = await prepare(suite, settings)
  const present = suite.sides.filter(({ name }) => {
    return sides.some(side => side.name === name && side.absent === undefined)
  })
  const workloads = suite.workloads.filter(({ name }) => name.includes(settings.only))
  const recorder = new Recorder(suite.name, workloads, settings)
  const groups = suite.isFreshEach === true ? workloads.map(one => [one]) : [workloads]
  for (let round = 0; round < settings.rounds; round++) {
    for (const group of groups) {
      for (const side of present) {
        const own = group.filter(one => one.sides?.includes(side.name) ?? true)
        if (own.length > 0) await runAll(side, own, settings, recorder)
      }
    }
  }
  return {
    suite: suite.name,
    title: suite.title,
    load: suite.load,
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(settings.folder),
    others: others(),
    rounds: settings.rounds,
    seconds: settings.seconds,
    sides,
    workloads: recorder.results(),
  }
}

async function prepare(suite: Suite, settings: MeasureSettings): Promise<SideResult[]> {
  const results: SideResult[] = []
  const { sides: only = [] } = settings
  for (const side of suite.sides) {
    if (only.length > 0 && !only.includes(side.name)) continue
    const { name, title, durability } = side
    try {
      results.push({ name, title, durability, version: await side.prepare() })
    } catch (error) {
      const absent = reasonOf(error, settings.folder)
      settings.report(`${suite.name}: ${name} is left out: ${absent}`)
      results.push({ name, title, durability, version: 'absent', absent })
    }
  }
  return results
}

/** One start for all of them, and another one behind each that failed. */
async function runAll(
  side: Side,
  workloads: readonly Workload[],
  settings: MeasureSettings,
  recorder: Recorder,
): Promise<void> {
  let subject: Subject | null = null
  for (const workload of workloads) {
    const before = new Set(startedHere())
    try {
      subject ??= await startSide(side, settings.folder)
    } catch (error) {
      for (const one of workloads.slice(workloads.indexOf(workload)))
        recorder.failed(one, side.name, reasonOf(error, settings.folder))
      return
    }
    try {
      recorder.done(workload, side.name, await runOne(workload, subject, settings))
    } catch (error) {
      recorder.failed(workload, side.name, reasonOf(error, subject.folder))
      killNew(before)
      await subject.stop()
      subject = null
    }
  }
  await subject?.stop()
}

async function runOne(
  workload: Workload,
  subject: Subject,
  { seconds, backlogBytes }: MeasureSettings,
): Promise<Outcome> {
  const secondsMax = workload.secondsMax ?? 300 + 10 * seconds
  if (workload.prepare !== undefined)
    await limited(workload.prepare(subject, { seconds, backlogBytes }), secondsMax)
  const writtenBefore = subject.writtenBytes()
  if (workload.isFromStart !== true) forgetPeak(subject.pid())
  const before = subject.usage()
  const pid = subject.pid()
  const outcome = await limited(workload.run(subject, { seconds, backlogBytes }), secondsMax)
  const after = subject.usage()
  // A workload that starts the server anew begins to count anew.
  const isMeanwhile = subject.pid() === pid && workload.isFromStart !== true
  const base = isMeanwhile ? before : { cpuSeconds: 0 }
  const cpuSeconds = after.cpuSeconds - base.cpuSeconds
  const writtenBytes = subject.writtenBytes() - writtenBefore
  const { figures, messages, payloadBytes } = outcome
  return {
    ...outcome,
    figures: {
      'server CPU': cpuSeconds,
      ...(messages === undefined ? {} : { 'server CPU a message': (cpuSeconds / messages) * 1e6 }),
      'peak memory': after.peakBytes / 1e6,
      written: writtenBytes / 1e6,
      ...(payloadBytes === undefined
        ? {}
        : { 'written a payload byte': writtenBytes / payloadBytes }),
      ...figures,
    },
  }
}

async function limited<T>(work: Promise<T>, seconds: number): Promise<T> {
  const timer = new AbortController()
  const late = sleep(seconds * 1000, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`it took longer than ${rounded(seconds)} s`)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    timer.abort()
    work.catch(() => {}) // When it is late, what it drives is ended under it.
    late.catch(() => {})
  }
}

const REASON_LENGTH_MAX = 300

/** In one line that says nothing of where on this machine it was. */
function reasonOf(error: unknown, folder: string): string {
  const text = error instanceof Error ? error.message : String(error)
  return text
    .replaceAll(folder, 'FOLDER')
    .replaceAll(process.cwd(), '.')
    .replaceAll(/(?<![\w.])\/(?:tmp|root|home|work)\/[^\s:'"]*/g, 'PATH')
    .replaceAll(/\s+/g, ' ')
    .slice(0, REASON_LENGTH_MAX)
}
