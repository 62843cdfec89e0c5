import { mkdirSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure } from './harness/measure.ts'
import { killEverything } from './harness/programs.ts'
import type { SuiteResult } from './harness/result.ts'
import { writeReport } from './report/index.ts'
import { section } from './report/sections.ts'
import type { Suite } from './harness/suite.ts'
import { suites } from './suites/index.ts'

const help = `npm run bench [-- SUITE… options]

Starts Sabir and the brokers it is compared with in turn, drives them with the same load, and writes
what was found to docs/performance/SUITE.json, and all of it to docs/performance.md with its charts.
Without a name all suites run, which takes hours.

  SUITE         a name, or what several begin with, such as redis; all there are:
                ${suites.map(({ name }) => name).join(', ')}
  --rounds      how often each side is measured, in turn; default 3
  --seconds     how long each load is measured; default 5
  --backlog-gb  what a backlog has before it is drained; default 10, with --quick 0.1
  --folder      where the servers keep their data; default the system's temporary folder
  --only        workloads whose name holds this, such as "100 B"; results are printed, not written
  --sides       only these, such as sabir,redis; results are printed, not written
  --quick       one round of a second; results are printed, not written
  --json        prints results as JSON
  --report      measures nothing: writes docs/performance.md anew of what is there

Ends with 1 when a workload failed.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    'backlog-gb': { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    only: { type: 'string', default: '' },
    sides: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
})

const docs = join(import.meta.dirname, '../docs')
const unknown = positionals.filter(name => !suites.some(suite => isNamed(suite, name)))
if (values.help) process.stdout.write(help)
else if (unknown.length > 0) {
  process.stderr.write(`No suite is named ${unknown.join(', ')}.\n\n${help}`)
  process.exitCode = 2
} else if (values.report) writeReport(docs)
else {
  endWithUs()
  await run()
  process.exit() // What a load that failed left open is not waited for.
}

async function run(): Promise<void> {
  const chosen = suites.filter(suite => {
    return positionals.length === 0 || positionals.some(name => isNamed(suite, name))
  })
  const isPart = values.only !== '' || values.sides !== '' || values.quick
  mkdirSync(join(docs, 'performance'), { recursive: true })
  for (const suite of chosen) {
    const result = await measure(suite, {
      rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
      seconds: Number(values.seconds ?? (values.quick ? 1 : 5)),
      backlogBytes: Number(values['backlog-gb'] ?? (values.quick ? 0.1 : 10)) * 1e9,
      folder: values.folder,
      only: values.only,
      sides: values.sides.split(',').filter(name => name !== ''),
      report: line => void process.stderr.write(`${line}\n`),
    })
    if (hasFailed(result)) process.exitCode = 1
    if (isPart || values.json) print(result)
    if (isPart) continue
    writeFileSync(join(docs, 'performance', `${suite.name}.json`), jsonOf(result))
    writeReport(docs)
  }
}

function isNamed(suite: Suite, name: string): boolean {
  const isWhole = suites.some(other => other.name === name)
  return isWhole ? suite.name === name : suite.name.startsWith(`${name}-`)
}

function jsonOf(result: SuiteResult): string {
  return `${JSON.stringify(result, null, 1)}\n`
}

function print(result: SuiteResult): void {
  const text = values.json ? jsonOf(result) : `${section(result, '', new Map())}\n`
  process.stdout.write(text)
}

function hasFailed({ sides, workloads }: SuiteResult): boolean {
  const isLeftOut = sides.some(({ absent }) => absent !== undefined)
  return isLeftOut || workloads.some(({ failures }) => failures !== undefined)
}

/** Servers and loads go with this process, whether it is done, fails or is interrupted. */
function endWithUs(): void {
  process.once('exit', killEverything)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
}
