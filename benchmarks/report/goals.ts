import {
  type FigureResult,
  holds,
  ratio,
  type SuiteResult,
  type WorkloadResult,
} from '../harness/result.ts'

/** What the project set out to reach, before anything was measured. */
type Goal = {
  readonly against: string
  readonly what: string
  readonly suite: string
  readonly peer: string
  readonly better: 'more' | 'less'
  /** Ours divided by theirs: at least this, or at most. */
  readonly target: number
}

const kafka = { against: 'Apache Kafka, default (not synced)', peer: 'kafka' }
const flush = { against: 'Apache Kafka, `flush.messages=1`', peer: 'kafka-flush' }
const rabbitmq = { against: 'RabbitMQ, durable, confirmed', peer: 'rabbitmq' }
const always = { against: 'Redis, `appendfsync always`', peer: 'redis-always' }
const everysec = { against: 'Redis, `appendfsync everysec`, pipelined', peer: 'redis-everysec' }

const more = (suite: string, target: number): Pick<Goal, 'suite' | 'better' | 'target'> => {
  return { suite, better: 'more', target }
}
const less = (suite: string, target: number): Pick<Goal, 'suite' | 'better' | 'target'> => {
  return { suite, better: 'less', target }
}

const goals: readonly Goal[] = [
  { ...kafka, what: 'throughput, every size', ...more('kafka', 1) },
  { ...kafka, what: 'throughput, 100 B, 1,000 partitions', ...more('kafka', 1.3) },
  { ...kafka, what: 'end-to-end latency, p99', ...less('kafka', 1) },
  { ...kafka, what: 'memory under load', ...less('kafka', 0.25) },
  { ...kafka, what: 'memory idle', ...less('memory-kafka', 0.25) },
  { ...kafka, what: 'start-up time', ...less('start', 0.1) },
  { ...flush, what: 'produce throughput', ...more('kafka', 5) },
  { ...rabbitmq, what: 'end to end, 16 B', ...more('amqp091', 8) },
  { ...rabbitmq, what: 'end to end, 1 KiB', ...more('amqp091', 5) },
  { ...rabbitmq, what: 'latency, p99', ...less('amqp091', 1) },
  { ...always, what: 'commands a second', ...more('redis-always', 1.5) },
  { ...everysec, what: 'commands a second', ...more('redis-everysec', 1) },
]

/** One figure of one workload that has a target, and what was found. */
export type Check = {
  readonly suite: string
  readonly workload: WorkloadResult
  readonly figure: FigureResult
  readonly peer: string
  readonly target: number
  readonly ratio: number
  /** No, also when a side failed. */
  readonly holds: boolean
}

export type CheckedGoal = {
  readonly against: string
  readonly what: string
  readonly better: 'more' | 'less'
  readonly target: number
  /** None, when it was not measured. */
  readonly checks: readonly Check[]
}

export function checksOf(result: SuiteResult): Check[] {
  const { suite, workloads } = result
  const ours = result.sides[0]!.name
  const checks: Check[] = []
  for (const workload of workloads) {
    for (const figure of workload.figures) {
      for (const [peer, target] of Object.entries(figure.targets ?? {})) {
        const found = ratio(figure, ours, peer)
        // Where the peer yields nothing, there is nothing to be compared with.
        if (Number.isNaN(found) && workload.failures?.[ours] === undefined) continue
        const isHeld = holds(figure, ours, peer) === true
        checks.push({ suite, workload, figure, peer, target, ratio: found, holds: isHeld })
      }
    }
  }
  return checks
}

/** Every goal, measured or not, and behind them what else has a target. */
export function checkGoals(results: readonly SuiteResult[]): CheckedGoal[] {
  const left = new Set(results.flatMap(checksOf))
  const checked: CheckedGoal[] = goals.map(goal => {
    const checks = [...left].filter(check => isOf(check, goal))
    for (const check of checks) left.delete(check)
    return { ...goal, checks }
  })
  const others = new Map<string, Check[]>()
  for (const check of left) {
    const key = `${check.suite} ${check.peer} ${check.figure.name} ${check.target}`
    others.set(key, [...(others.get(key) ?? []), check])
  }
  for (const checks of others.values()) {
    const { suite, peer, figure, target } = checks[0]!
    const title = results.find(result => result.suite === suite)!.title
    const against = `${titleOf(results, suite, peer)} · ${title}`
    checked.push({ against, what: figure.name, better: figure.better, target, checks })
  }
  return checked
}

function isOf(check: Check, goal: Goal): boolean {
  return (
    check.suite === goal.suite &&
    check.peer === goal.peer &&
    check.figure.better === goal.better &&
    check.target === goal.target
  )
}

function titleOf(results: readonly SuiteResult[], suite: string, peer: string): string {
  const sides = results.find(result => result.suite === suite)?.sides ?? []
  return sides.find(({ name }) => name === peer)?.title ?? peer
}

export const targetText = ({ better, target }: { better: string; target: number }): string =>
  `${better === 'more' ? '≥' : '≤'} ${target}`
