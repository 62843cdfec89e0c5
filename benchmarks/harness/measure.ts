import { arch, cpus, release, totalmem } from 'node:os'
import { forgetPeak } from './processes.ts'
import type { FigureResult, Machine, SuiteResult, WorkloadResult } from './result.ts'
import { startSide } from './start.ts'
import type { Side, Subject } from './side.ts'
import type { Figure, Suite, Workload } from './suite.ts'

export type MeasureSettings = {
  readonly rounds: number
  readonly seconds: number
  /** Where servers keep their data. */
  readonly folder: string
  /** Only workloads whose name holds this. */
  readonly only: string
  readonly report: (line: string) => void
}

/** What every workload yields beside its own figures. */
const usageFigures: readonly Figure[] = [
  { name: 'server CPU', unit: 's', better: 'less' },
  { name: 'server CPU a message', unit: 'µs', better: 'less' },
  { name: 'peak memory', unit: 'MB', better: 'less' },
  { name: 'written', unit: 'MB', better: 'less' },
]

type Found = Map<string, Map<string, number[]>>

/** Round after round, side after side, so that what else the machine does hits them all. */
export async function measure(suite: Suite, settings: MeasureSettings): Promise<SuiteResult> {
  const versions = new Map<string, string>()
  for (const side of suite.sides) versions.set(side.name, await side.prepare())
  const workloads = suite.workloads.filter(({ name }) => name.includes(settings.only))
  const found = new Map<Workload, Found>(workloads.map(workload => [workload, new Map()]))
  for (let round = 0; round < settings.rounds; round++) {
    for (const side of suite.sides) {
      const own = workloads.filter(({ sides }) => sides?.includes(side.name) ?? true)
      await runAll(suite, side, own, settings, (workload, figures) => {
        const numbers = Object.entries(figures).map(([name, value]) => `${name} ${short(value)}`)
        settings.report(`${suite.name}: ${workload.name}: ${side.name}: ${numbers.join(', ')}`)
        for (const [name, value] of Object.entries(figures))
          add(found.get(workload)!, name, side.name, value)
      })
    }
  }
  return {
    suite: suite.name,
    title: suite.title,
    load: suite.load,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    rounds: settings.rounds,
    seconds: settings.seconds,
    sides: suite.sides.map(({ name, title, durability }) => {
      return { name, title, durability, version: versions.get(name)! }
    }),
    workloads: workloads.map(workload => resultOf(workload, found.get(workload)!)),
  }
}

type Figures = Readonly<Record<string, number>>

async function runAll(
  suite: Suite,
  side: Side,
  workloads: readonly Workload[],
  settings: MeasureSettings,
  done: (workload: Workload, figures: Figures) => void,
): Promise<void> {
  const groups = suite.isFreshEach === true ? workloads.map(one => [one]) : [workloads]
  for (const group of groups.filter(({ length }) => length > 0)) {
    const subject = await startSide(side, settings.folder)
    try {
      for (const workload of group) done(workload, await runOne(workload, subject, settings))
    } finally {
      await subject.stop()
    }
  }
}

async function runOne(
  workload: Workload,
  subject: Subject,
  { seconds }: MeasureSettings,
): Promise<Figures> {
  forgetPeak(subject.pid())
  const before = subject.usage()
  const pid = subject.pid()
  const { figures, messages } = await workload.run(subject, { seconds })
  const after = subject.usage()
  // A workload that starts the server anew begins to count anew.
  const base = subject.pid() === pid ? before : { cpuSeconds: 0, writtenBytes: 0 }
  const cpuSeconds = after.cpuSeconds - base.cpuSeconds
  return {
    ...figures,
    'server CPU': cpuSeconds,
    ...(messages === undefined ? {} : { 'server CPU a message': (cpuSeconds / messages) * 1e6 }),
    'peak memory': after.peakBytes / 1e6,
    written: (after.writtenBytes - base.writtenBytes) / 1e6,
  }
}

function add(found: Found, figure: string, side: string, value: number): void {
  const bySide = found.get(figure) ?? new Map<string, number[]>()
  found.set(figure, bySide)
  bySide.set(side, [...(bySide.get(side) ?? []), rounded(value)])
}

function resultOf({ name, figures }: Workload, found: Found): WorkloadResult {
  const declared = new Set(figures.map(figure => figure.name))
  const all = [...figures, ...usageFigures.filter(figure => !declared.has(figure.name))]
  const results: FigureResult[] = []
  for (const figure of all) {
    const values = found.get(figure.name)
    if (values !== undefined) results.push({ ...figure, values: Object.fromEntries(values) })
  }
  return { name, figures: results }
}

/** Four digits are more than any of it is exact. */
const rounded = (value: number): number => Number(value.toPrecision(4))

const short = (value: number): string => rounded(value).toLocaleString('en-US')

function machine(): Machine {
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'} (${arch()})`,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  }
}
