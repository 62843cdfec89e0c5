import type { FigureResult, WorkloadResult } from './result.ts'
import { type Outcome, usageFigures, type Workload } from './suite.ts'

type Found = {
  /** By figure, then by side. */
  readonly values: Map<string, Map<string, number[]>>
  readonly failures: Map<string, string[]>
  readonly remarks: Map<string, string>
}

/** Keeps what was found while a suite is measured. */
export class Recorder {
  readonly #suite: string
  readonly #workloads: readonly Workload[]
  readonly #report: (line: string) => void
  readonly #found: Map<Workload, Found>

  constructor(
    suite: string,
    workloads: readonly Workload[],
    { report }: { report: (line: string) => void },
  ) {
    this.#suite = suite
    this.#workloads = workloads
    this.#report = report
    this.#found = new Map(
      workloads.map(workload => {
        return [workload, { values: new Map(), failures: new Map(), remarks: new Map() }]
      }),
    )
  }

  done(workload: Workload, side: string, { figures, remark }: Outcome): void {
    const found = this.#found.get(workload)!
    const known = [...workload.figures, ...usageFigures].map(figure => figure.name)
    const unknown = Object.keys(figures).find(name => !known.includes(name))
    if (unknown !== undefined) throw new Error(`it does not declare its figure ${unknown}`)
    for (const [name, value] of Object.entries(figures)) {
      const bySide = found.values.get(name) ?? new Map<string, number[]>()
      found.values.set(name, bySide)
      push(bySide, side, rounded(value))
    }
    if (remark !== undefined) found.remarks.set(side, remark)
    const numbers = Object.entries(figures).map(([name, value]) => `${name} ${short(value)}`)
    this.#report(`${this.#suite}: ${workload.name}: ${side}: ${numbers.join(', ')}`)
  }

  failed(workload: Workload, side: string, reason: string): void {
    push(this.#found.get(workload)!.failures, side, reason)
    this.#report(`${this.#suite}: ${workload.name}: ${side}: FAILED: ${reason}`)
  }

  results(): WorkloadResult[] {
    return this.#workloads.map(workload => resultOf(workload, this.#found.get(workload)!))
  }
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

function resultOf(workload: Workload, found: Found): WorkloadResult {
  const { name, group, figures } = workload
  const declared = new Set(figures.map(figure => figure.name))
  const all = [...figures, ...usageFigures.filter(figure => !declared.has(figure.name))]
  const results: FigureResult[] = []
  for (const figure of all) {
    const values = found.values.get(figure.name)
    if (values !== undefined) results.push({ ...figure, values: Object.fromEntries(values) })
  }
  const { failures, remarks } = found
  return {
    name,
    ...(group === undefined ? {} : { group }),
    figures: results,
    ...(failures.size === 0 ? {} : { failures: Object.fromEntries(failures) }),
    ...(remarks.size === 0 ? {} : { remarks: Object.fromEntries(remarks) }),
  }
}

/** Four digits are more than any of it is exact. */
export const rounded = (value: number): number => Number(value.toPrecision(4))

const short = (value: number): string => rounded(value).toLocaleString('en-US')
