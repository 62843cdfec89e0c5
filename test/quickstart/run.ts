import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { apacheKafka, launch, sabir } from '../clients/brokers.ts'
import { javaFolder, prepareJars } from '../clients/kafka/drivers/java/driver.ts'
import { type Step, steps, tools } from './steps.ts'

/**
 * Runs Kafka's quick start with Kafka's own tools, and compares each answer with the recorded
 * answer of Apache Kafka.
 *
 *   npm run test:quickstart
 *   npm run test:quickstart -- --apache --record      asks Apache Kafka and records the answers
 */
const { values: options } = parseArgs({
  options: { apache: { type: 'boolean' }, record: { type: 'boolean' } },
})
const recordPath = join(import.meta.dirname, 'apache-kafka.txt')
const SEPARATOR = '\n====\n'

type Answer = { code: number | null; output: string; complaints: string }

async function main(): Promise<void> {
  try {
    await prepareJars()
  } catch (error) {
    console.log(`the tools of Apache Kafka are missing: ${String(error)}`)
    console.log(process.env['CI'] ? '0 passed, 1 failed' : '0 passed, 0 failed (1 suite skipped)')
    process.exit(process.env['CI'] ? 1 : 0)
  }
  const folder = mkdtempSync(join(tmpdir(), 'sabir-quickstart-'))
  const deleteFile = join(folder, 'delete.json')
  const partitions = [{ topic: 'quickstart-events', partition: 0, offset: 1 }]
  writeFileSync(deleteFile, JSON.stringify({ version: 1, partitions }))
  const broker = await launch(options.apache ? apacheKafka(javaFolder()) : sabir('kafka'))
  const answers: string[] = []
  try {
    for (const step of steps) {
      const line = step.options.replace('DELETE_FILE', deleteFile)
      const answer = await ask({ ...step, options: line }, broker.address)
      answers.push(shown(step, answer))
      if (answer.code === null) console.log(`${step.tool} ${step.options} did not end`)
    }
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  if (options.record) writeFileSync(recordPath, `${answers.join(SEPARATOR)}\n`)
  else judge(answers)
}

function judge(answers: readonly string[]): never {
  const recorded = existsSync(recordPath) ? readFileSync(recordPath, 'utf8').trimEnd() : ''
  const expected = recorded.split(SEPARATOR)
  let failed = 0
  for (const [index, answer] of answers.entries()) {
    const isSame = answer.trimEnd() === expected[index]?.trimEnd()
    if (!isSame) failed++
    const [title = ''] = answer.split('\n', 1)
    console.log(`${isSame ? 'ok     ' : 'FAILED '} ${title}`)
    if (!isSame) console.log(`--- Apache Kafka\n${expected[index]}\n--- here\n${answer}\n---`)
  }
  console.log(`${answers.length - failed} passed, ${failed} failed`)
  process.exit(failed === 0 ? 0 : 1)
}

/** Runs a tool to its end, a minute at most. */
function ask({ tool, options: line, input }: Step, address: string): Promise<Answer> {
  const server = ['--bootstrap-server', address]
  const words = line === '' ? [] : line.split(' ')
  const isOld = tool === 'kafka-producer-perf-test'
  const all = isOld ? [...words, `bootstrap.servers=${address}`] : [...words, ...server]
  const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${javaFolder()}/*`]
  const child = spawn('java', [...java, tools[tool], ...all])
  const answer = { output: '', complaints: '' }
  child.stdout.on('data', chunk => {
    answer.output += String(chunk)
  })
  child.stderr.on('data', chunk => {
    answer.complaints += String(chunk)
  })
  child.stdin.end(input ?? '')
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  return new Promise(resolve => {
    child.once('close', code => {
      clearTimeout(timer)
      resolve({ ...answer, code })
    })
  })
}

/** The part of an answer that must be the same everywhere: no ids, no times, no padding. */
function shown(step: Step, { code, output, complaints }: Answer): string {
  const title = `${step.tool} ${step.options}`
  if (step.compared === false) {
    return `${title}\nexit code ${code}${code === 0 ? '' : `\n${output}${complaints}`}`
  }
  const plain = output
    .replaceAll(/TopicId: \S+/g, 'TopicId: ID')
    .replaceAll(/Cluster ID: \S+/g, 'Cluster ID: ID')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replaceAll(/console-consumer-\d+/g, 'console-consumer-ID')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^\[?\d{4}-\d\d-\d\d[T ][^\]]*\]? ?.*$/gm, 'LOG LINE')
    .split('\n')
    .map(line => line.trimEnd())
    .filter(line => line !== '' && line !== '__consumer_offsets') // Apache's way to keep groups.
  const lines = step.unordered ? plain.toSorted() : plain
  return [title, `exit code ${code}`, ...lines].join('\n')
}

await main()
