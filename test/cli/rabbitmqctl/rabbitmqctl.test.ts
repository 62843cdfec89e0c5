import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import { command } from '../../server/command.ts'
import { normalized, SEPARATOR } from './answers.ts'
import { differences } from './differences.ts'
import { steps, wordsOf } from './steps.ts'
import { declareTopology } from './topology.ts'

/** What Debian's RabbitMQ said (record.ts), in the order of the steps. */
const recorded = readFileSync(join(import.meta.dirname, 'rabbitmq-3.10.8.txt'), 'utf8')
  .trimEnd()
  .split(SEPARATOR)

let folder: string
let broker: RunningBroker
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-rabbitmqctl-'))
  broker = await startBroker({ storage: { folder: join(folder, 'data') } })
  process.env['SABIR_DATA'] = join(folder, 'data')
})
afterAll(async () => {
  await broker.close()
  rmSync(folder, { recursive: true })
})

const questions = steps.filter(line => !line.startsWith('!'))

test('there is an answer to each step', () => {
  expect(recorded.map(answer => answer.split('\n', 1)[0])).toEqual(
    questions.map(line => `$ ${line}`),
  )
})

/** One after the other: each finds what those before it did. */
test('the same command lines get the same answers as from RabbitMQ', async () => {
  const expected = recorded.values()
  const wrong: object[] = []
  for (const line of steps) {
    if (line === '!topology') await declareTopology(`amqp://${broker.url('amqp091')}`)
    else if (line === '!settle') await sleep(50)
    if (line.startsWith('!')) continue
    const words = wordsOf(line.replace('~', '').replaceAll('FOLDER', folder))
    const answer = comparable(normalized(line, await command('rabbitmqctl', ...words), folder))
    const wanted = comparable(expected.next().value!)
    if (line in differences) continue
    if (answer !== wanted) wrong.push({ answer: answer.split('\n'), wanted: wanted.split('\n') })
  }
  expect(wrong).toEqual([])
}, 60_000)

/** How a client encodes a small number is not kept. */
const comparable = (answer: string): string => answer.replaceAll(/"(byte|short|signedint)"/g, 'INT')
