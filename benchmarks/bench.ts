import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measure } from './harness/measure.ts'
import { suites } from './suites/index.ts'

const help = `npm run bench [-- SUITE… options]

Starts Sabir and the brokers it is compared with in turn, drives them with the same load, and writes
what was found to docs/performance/SUITE.json. Without a name all suites run, which takes an hour.

  suites        ${suites.map(({ name }) => name).join(', ')}
  --rounds      how often each side is measured, in turn; default 3
  --seconds     how long each load is measured; default 5
  --backlog-gb  what a backlog has before it is drained; default 10
  --only        workloads whose name holds this, such as "100 B"; results are then printed only
  --folder      where the servers keep their data; default the system's temporary folder
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    'backlog-gb': { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: tmpdir() },
  },
})

const unknown = positionals.filter(name => !suites.some(suite => suite.name === name))
if (values.help) process.stdout.write(help)
else if (unknown.length > 0) {
  process.stderr.write(`No suite is named ${unknown.join(', ')}.\n\n${help}`)
  process.exitCode = 2
} else await run()

async function run(): Promise<void> {
  const chosen = suites.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  const folder = join(import.meta.dirname, '../docs/performance')
  mkdirSync(folder, { recursive: true })
  for (const suite of chosen) {
    const result = await measure(suite, {
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
      backlogBytes: Number(values['backlog-gb']) * 1e9,
      folder: values.folder,
      only: values.only,
      report: line => void process.stderr.write(`${line}\n`),
    })
    if (values.only === '')
      writeFileSync(join(folder, `${suite.name}.json`), `${JSON.stringify(result, null, 1)}\n`)
    else process.stdout.write(`${JSON.stringify(result, null, 1)}\n`)
  }
}
