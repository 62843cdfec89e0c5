import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

async function connections(): Promise<string> {
  const line = '-s list_connections'
  return normalized(line, await command('rabbitmqctl', ...wordsOf(line)), folder)
}

/** One after the other: each finds what those before it did. */
test('the same command lines get the same answers as from RabbitMQ', async () => {
  const expected = recorded.values()
  const wrong: object[] = []
  for (const line of steps) {
    if (line === '!topology') await declareTopology(`amqp://${broker.url('amqp091')}`)
    else if (line === '!settle') await expect.poll(connections).toMatch(/exit code 0\s*$/)
    if (line.startsWith('!')) continue
    const words = wordsOf(line.replace('~', '').replaceAll('FOLDER', folder))
    const answer = comparable(normalized(line, await command('rabbitmqctl', ...words), folder))
    const wanted = comparable(expected.next().value!)
    // What is said to differ has to, or nobody would notice that it does not any more.
    const isMeant = line in differences
    if ((answer === wanted) !== isMeant) continue
    wrong.push({ answer: answer.split('\n'), wanted: wanted.split('\n') })
  }
  expect(wrong).toEqual([])
}, 60_000)

test.each<[string[], number, string]>([
  [['nosuch'], 64, "Command 'nosuch' not found."],
  [['list_users', '--formatter=nosuch'], 64, 'there is no formatter "nosuch"'],
  [['eval', 'node().'], 69, 'there is no Erlang here'],
  [['join_cluster', 'rabbit@other'], 69, 'there is one node here'],
  [['set_permissions', 'guest', '*', '.*', '.*'], 69, 'Regular expression "*" is invalid'],
  [['list_users', '--data', '/no/such'], 69, 'no broker runs with the data folder /no/such'],
  [[], 64, 'Available commands:'],
  [['wait'], 64, 'No pid or pidfile specified'],
  [['wait', '--pid', '999999999', '--timeout', '1'], 69, 'process_not_running'],
  [['wait', '/no/such/pid', '--timeout', '0'], 75, 'timed out. Timeout value used: 0'],
  [['await_startup', '--timeout', '0', '--data', '/no/such'], 75, 'timed out'],
])('rabbitmqctl %j ends with %i', async (words, code, error) => {
  const outcome = await command('rabbitmqctl', ...words)
  expect(outcome.error).toContain(error)
  expect(outcome.code).toBe(code)
})

test('every command explains itself', async () => {
  const listed = await command('rabbitmqctl', 'help', '--list-commands')
  const names = listed.out.trim().split('\n')
  expect(names.length).toBeGreaterThan(90)
  for (const name of names) {
    const { code, out } = await command('rabbitmqctl', 'help', name)
    expect({ code, isThere: out.includes(`[--quiet] ${name}`) }).toEqual({ code: 0, isThere: true })
  }
})

test('columns only newer versions of RabbitMQ have', async () => {
  const columns = ['name', 'operator_policy', 'effective_policy_definition']
  const { code, error } = await command('rabbitmqctl', 'list_queues', ...columns)
  expect({ code, error }).toEqual({ code: 0, error: '' })
})

test('a broker that is reset has nothing, not even after its next start', async () => {
  const own = mkdtempSync(join(tmpdir(), 'sabir-reset-'))
  const data = ['--data', own]
  const open = () => startBroker({ storage: { folder: own } })
  const first = await open()
  await command('topic', 'create', 'records', '--broker', first.url('kafka'))
  for (const line of [
    'add_user ann secret',
    'add_vhost team',
    'set_policy few .* {"max-length":1}',
    'set_global_parameter a 1',
    'delete_user guest',
    'stop_app',
    'reset',
    'start_app',
  ])
    expect(await command('rabbitmqctl', ...line.split(' '), ...data)).toMatchObject({ code: 0 })
  const lists = async (broker: RunningBroker): Promise<string[]> => {
    const lines = ['list_users', 'list_vhosts', 'list_policies', 'list_global_parameters']
    const topics = await command('topic', 'list', '--json', '--broker', broker.url('kafka'))
    const out = [topics.out]
    for (const line of lines) out.push((await command('rabbitmqctl', '-s', line, ...data)).out)
    return out
  }
  const nothing = ['[]\n', 'guest\t[administrator]\n', '/\n', '', '']
  expect(await lists(first)).toEqual(nothing)
  await first.close()
  const second = await open()
  expect(await lists(second)).toEqual(nothing)
  await second.close()
  rmSync(own, { recursive: true })
})

/** How a client encodes a small number is not kept. */
const comparable = (answer: string): string => answer.replaceAll(/"(byte|short|signedint)"/g, 'INT')
