import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'vitest'
import { measure, type MeasureSettings } from './measure.ts'
import { isRunning } from './processes.ts'
import type { Side } from './side.ts'
import { type Figure, type Suite, usageFigures, type Workload } from './suite.ts'

const rate: Figure = { name: 'rate', unit: 'messages/s', better: 'more' }

/** A server that accepts connections and does nothing. */
const listening = `require('node:net').createServer().listen(process.argv[1], '127.0.0.1')`

function side(name: string, changes: Partial<Side> = {}): Side {
  return {
    name,
    title: name.toUpperCase(),
    durability: 'none',
    prepare: async () => '1.0',
    command: async port => ({ line: [process.execPath, '-e', listening, String(port)] }),
    ...changes,
  }
}

const suiteOf = (sides: readonly Side[], workloads: readonly Workload[]): Suite => ({
  name: 'fake',
  title: 'Fake',
  load: 'none',
  sides,
  workloads,
})

let folder = ''
let settings: MeasureSettings
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-test-'))
  settings = { rounds: 2, seconds: 1, backlogBytes: 0, folder, only: '', report: () => {} }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('sides are measured in turn, round after round, and values kept in that order', async () => {
  const order: string[] = []
  const workload = (name: string): Workload => ({
    name,
    figures: [rate],
    run: async ({ side: one }) => {
      order.push(`${one} ${name}`)
      return { figures: { rate: order.length }, messages: 10, payloadBytes: 160 }
    },
  })
  const suite = suiteOf([side('a'), side('b')], [workload('x'), workload('y')])
  const result = await measure(suite, settings)
  deepEqual(order, ['a x', 'a y', 'b x', 'b y', 'a x', 'a y', 'b x', 'b y'])
  const [x] = result.workloads
  deepEqual(x!.figures.find(({ name }) => name === 'rate')!.values, { a: [1, 5], b: [3, 7] })
  const usage = usageFigures.map(({ name }) => name)
  deepEqual(
    x!.figures.map(({ name }) => name),
    ['rate', ...usage],
  )
  ok(x!.figures.find(({ name }) => name === 'peak memory')!.values['a']![0]! > 1)
  order.length = 0
  await measure({ ...suite, isFreshEach: true }, { ...settings, rounds: 1 })
  deepEqual(order, ['a x', 'b x', 'a y', 'b y'])
  deepEqual(readdirSync(folder), [], 'nothing is left of the servers')
})

test('a workload that fails is recorded, its server replaced, and the rest measured', async () => {
  const pids: number[] = []
  const failing: Workload = {
    name: 'failing',
    figures: [rate],
    run: async subject => {
      pids.push(subject.pid())
      throw new Error(`no such file: ${subject.folder}/data`)
    },
  }
  const good: Workload = {
    name: 'good',
    figures: [rate],
    run: async subject => {
      pids.push(subject.pid())
      return { figures: { rate: 1 }, remark: 'as it should' }
    },
  }
  const result = await measure(suiteOf([side('a')], [failing, good]), { ...settings, rounds: 1 })
  const [first, second] = result.workloads
  deepEqual(first, {
    name: 'failing',
    figures: [],
    failures: { a: ['no such file: FOLDER/data'] },
  })
  equal(second!.failures, undefined)
  deepEqual(second!.remarks, { a: 'as it should' })
  equal(new Set(pids).size, 2)
  equal(pids.some(isRunning), false)
})

test('a workload that hangs fails, and the programs it started are ended', async () => {
  let load = 0
  const hanging: Workload = {
    name: 'hanging',
    figures: [rate],
    secondsMax: 0.2,
    run: async () => {
      load = spawn('sleep', ['60']).pid!
      return await new Promise(() => {})
    },
  }
  const result = await measure(suiteOf([side('a')], [hanging]), { ...settings, rounds: 1 })
  deepEqual(result.workloads[0]!.failures, { a: ['it took longer than 0.2 s'] })
  while (isRunning(load)) await new Promise(resolve => setTimeout(resolve, 5))
})

test('a side that cannot be installed is left out; one that does not start fails', async () => {
  const absent = side('absent', { prepare: () => Promise.reject(new Error('no packages')) })
  const broken = side('broken', {
    command: async () => ({ line: ['sh', '-c', 'echo out of luck; exit 3'] }),
  })
  const workload: Workload = {
    name: 'x',
    figures: [rate],
    run: async () => ({ figures: { rate: 1 } }),
  }
  const suite = suiteOf([side('a'), absent, broken], [workload])
  const result = await measure(suite, { ...settings, rounds: 1 })
  equal(result.sides[1]!.absent, 'no packages')
  const [reason] = result.workloads[0]!.failures!['broken']!
  match(reason!, /does not serve port \d+: out of luck/)
  deepEqual(Object.keys(result.workloads[0]!.figures[0]!.values), ['a'])
  deepEqual(readdirSync(folder), [])
})

test('a figure that is not declared is a failure, not a loss', async () => {
  const workload: Workload = {
    name: 'x',
    figures: [rate],
    run: async () => ({ figures: { rte: 1 } }),
  }
  const result = await measure(suiteOf([side('a')], [workload]), { ...settings, rounds: 1 })
  deepEqual(result.workloads[0]!.failures, { a: ['it does not declare its figure rte'] })
})

test('what a process starts, it takes along when it is interrupted', async () => {
  const started = join(folder, 'started')
  const program = join(folder, 'run.ts')
  const harness = join(import.meta.dirname, 'programs.ts')
  writeFileSync(
    program,
    `import { killEverything, newFolder, startProgram } from '${harness}'
    import { writeFileSync } from 'node:fs'
    process.once('exit', killEverything)
    process.once('SIGTERM', () => process.exit(143))
    const own = newFolder('${folder}', 'own')
    const child = startProgram(['sh', '-c', 'sleep 60 & sleep 60 & wait'], undefined, own)
    setTimeout(() => writeFileSync('${started}', JSON.stringify([child.pid, own])), 200)`,
  )
  const run = spawn('npx', ['tsx', program], { stdio: 'ignore', detached: true })
  while (!existsSync(started)) await new Promise(resolve => setTimeout(resolve, 10))
  const [pid, own] = JSON.parse(execFileSync('cat', [started], { encoding: 'utf8' })) as [
    number,
    string,
  ]
  process.kill(-run.pid!, 'SIGTERM')
  await new Promise(resolve => run.once('exit', resolve))
  while (existsSync(own)) await new Promise(resolve => setTimeout(resolve, 5))
  const left = ['-c', `ps -o state= -g ${pid} | grep -c -v Z || true`]
  while (execFileSync('sh', left, { encoding: 'utf8' }).trim() !== '0')
    await new Promise(resolve => setTimeout(resolve, 5))
})
