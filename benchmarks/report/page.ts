import type { SuiteResult } from '../harness/result.ts'
import { digits, table } from './format.ts'
import { type Check, checkGoals, type CheckedGoal, targetText } from './goals.ts'
import { groupsOf } from './groups.ts'
import { section } from './sections.ts'

export type PageParts = {
  readonly results: readonly SuiteResult[]
  /** What is written by hand: of a suite, by its name, or of none. */
  readonly notes: ReadonlyMap<string, string>
  /** By suite and group: the file of its chart, as the page links it. */
  readonly charts: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly overview: string | null
}

const intro = `<!-- Made of docs/performance/*.json and *.md by \`npm run bench -- --report\`. -->

# Performance

Sabir and the brokers it is compared with, started in turn as real processes on one machine, driven
by the same load program in the same run, interleaved: A B A B. Every figure is the median of all
rounds, with the least and the most in brackets; a ratio is Sabir's median divided by the peer's.
**Unless a section says otherwise, Sabir syncs to disk before it acknowledges**, also where its peer
does not. Server and load share the machine's processors, so trust ratios, not heights. What was
written is what the disk wrote meanwhile, for all programs, with nothing waiting before and after.

\`npm run bench\` measures it again on your machine and installs the peers (\`-- --help\` lists the
suites); \`npm run load -- kafka\` drives a broker by hand.`

export function page({ results, notes, charts, overview }: PageParts): string {
  const goals = checkGoals(results)
  const parts = [intro, '## What was promised, and what was found']
  if (overview !== null) parts.push(`![Every target and what was found](${overview})`)
  parts.push(goalsTable(goals), '## What stays below its target', misses(results, goals))
  for (const result of results) {
    const own = charts.get(result.suite) ?? new Map<string, string>()
    parts.push(section(result, notes.get(result.suite) ?? '', own))
  }
  const measured = new Set(results.map(({ suite }) => suite))
  // What is written by hand stays on the page while its suite is not measured.
  const left = [...notes].filter(([suite]) => !measured.has(suite)).map(([, text]) => text)
  if (left.length > 0) parts.push('## Found by hand', ...left)
  return `${parts.filter(part => part !== '').join('\n\n')}\n`
}

function goalsTable(goals: readonly CheckedGoal[]): string {
  const rows = goals.map(goal => {
    const { against, what, checks } = goal
    const held = checks.filter(check => check.holds).length
    const verdict = held === checks.length ? 'holds' : `**misses ${checks.length - held}**`
    const found = checks.length === 0 ? ['–', 'not measured'] : [foundText(checks), verdict]
    return [against, what, targetText(goal), found[0]!, String(checks.length), found[1]!]
  })
  const head = ['Against', 'What', 'Target', 'Found: least–most', 'Workloads', 'Verdict']
  return `${table(head, rows, 'left')}\n\nTargets are ratios, Sabir to its peer in the same run.`
}

function foundText(checks: readonly Check[]): string {
  const ratios = checks.map(check => check.ratio).filter(Number.isFinite)
  if (ratios.length === 0) return 'failed'
  const [least, most] = [digits(Math.min(...ratios)), digits(Math.max(...ratios))]
  return least === most ? least : `${least}–${most}`
}

function misses(results: readonly SuiteResult[], goals: readonly CheckedGoal[]): string {
  const lines: string[] = []
  for (const goal of goals) {
    const missed = goal.checks.filter(check => !check.holds)
    if (missed.length === 0) continue
    const list = missed.map(check => {
      const result = results.find(({ suite }) => suite === check.suite)!
      const found = Number.isFinite(check.ratio) ? digits(check.ratio) : 'failed'
      return `[${check.workload.name}](#${anchor(result, check)}) ${found}`
    })
    const promised = `${goal.against}: ${goal.what}, ${targetText(goal)}`
    lines.push(`- **${promised}** (${missed.length} of ${goal.checks.length}): ${list.join('; ')}`)
  }
  if (lines.length === 0) return 'Nothing that was measured.'
  const text = 'The reasons stand at the end of each section, with the profiles that show them.'
  return `${text}\n\n${lines.join('\n')}`
}

/** As GitHub makes it of a heading: words in small letters, blanks to dashes, the rest dropped. */
function anchor(result: SuiteResult, { workload }: Check): string {
  const group = groupsOf(result).find(({ workloads }) => workloads.includes(workload))!
  return `${result.title}: ${group.name}`
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}
