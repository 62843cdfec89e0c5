import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBroker, type RunningBroker } from '../../src/index.ts'
import { command, type Outcome } from './command.ts'

let broker: RunningBroker
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-commands-'))
  broker = await startBroker()
})
afterAll(async () => {
  await broker.close()
  rmSync(folder, { recursive: true })
})

/** A command on the broker of this file. */
const sabir = (...words: string[]): Promise<Outcome> =>
  command(...words, '--broker', broker.url('kafka'))

const json = async (...words: string[]): Promise<unknown> => {
  const { code, out, error } = await sabir(...words, '--json')
  expect({ code, error }).toEqual({ code: 0, error: '' })
  return JSON.parse(out)
}

async function produce(topic: string, lines: readonly string[], ...flags: string[]) {
  const path = join(folder, 'lines.txt')
  writeFileSync(path, lines.map(line => `${line}\n`).join(''))
  const outcome = await sabir('produce', topic, '--file', path, ...flags)
  expect(outcome).toEqual({
    code: 0,
    error: '',
    out: `Produced ${lines.length} ${lines.length === 1 ? 'record' : 'records'} to "${topic}".\n`,
  })
}

const consumed = async (topic: string, ...flags: string[]): Promise<string[]> => {
  const { code, out, error } = await sabir('consume', topic, ...flags)
  expect({ code, error }).toEqual({ code: 0, error: '' })
  return out.split('\n').slice(0, -1)
}

describe('sabir topic', () => {
  test('create, list, describe, alter, delete', async () => {
    const created = await sabir('topic', 'create', 'one', '-p', '3', '-c', 'retention.ms=1000')
    expect(created).toMatchObject({ code: 0, out: 'Created topic "one".\n' })
    const list = (await json('topic', 'list')) as { name: string; partitions: number }[]
    expect(list).toContainEqual(expect.objectContaining({ name: 'one', partitions: 3 }))
    await sabir('topic', 'alter', 'one', '-p', '4', '--delete-config', 'retention.ms')
    await sabir('topic', 'alter', 'one', '-c', 'cleanup.policy=compact')
    const [described] = (await json('topic', 'describe', 'one')) as [
      { settings: object; partitions: object[] },
    ]
    expect(described.settings).toEqual({ 'cleanup.policy': 'compact' })
    expect(described.partitions).toHaveLength(4)
    expect(described.partitions[3]).toMatchObject({ partition: 3, start: 0, end: 0, records: 0 })
    const deleted = await sabir('topic', 'delete', 'one')
    expect(deleted).toMatchObject({ code: 0, out: 'Deleted "one".\n' })
    expect(await sabir('topic', 'describe', 'one')).toMatchObject({ code: 3 })
  })

  test('plain columns when there is no terminal', async () => {
    await sabir('topic', 'create', 'columns')
    const { out } = await sabir('topic', 'list')
    expect(out).toMatch(/^TOPIC +PARTITIONS +ID\n/)
    expect(out).toMatch(/^columns +1 +[\w-]{22}$/m)
  })

  test.each<[string[], number, string]>([
    [['topic', 'create', 'twice'], 1, 'topic "twice" was not created: '],
    [['topic', 'create', 'no/slash'], 1, 'topic "no/slash" was not created: '],
    [['topic', 'create', 'bad', '-c', 'no.such=1'], 1, 'topic "bad" was not created: '],
    [['topic', 'delete', 'nobody'], 3, 'topic "nobody" was not deleted: '],
    [['topic', 'describe', 'nobody'], 3, 'topic "nobody": '],
    [['topic', 'alter', 'twice', '-p', '1'], 1, 'topic "twice" was not changed: '],
    [['topic', 'alter', 'twice'], 2, 'nothing to change on topic "twice"'],
    [['topic', 'create'], 2, "missing required argument 'name'"],
    [['topic', 'create', 'x', '-p', 'many'], 2, 'It is a whole number.'],
    [['topik'], 2, "unknown command 'topik'"],
    [['consume', 'twice', '-p', '7'], 3, 'has no partition 7'],
    [['consume', 'nobody', '-b'], 3, 'topic "nobody": '],
    [['consume', 'twice', '-b', '-l', '1'], 2, 'exclude each other'],
    [['consume', 'twice', '--format', '%z'], 2, '"%z" is not known'],
    [['produce', 'twice', '-p', '7', '-f', '/dev/null'], 3, 'has no partition 7'],
    [['produce', 'twice', '-f', '/no/such'], 1, 'cannot read "/no/such"'],
    [['group', 'describe', 'nobody'], 3, 'group "nobody": '],
    [['group', 'reset', 'nobody', '--to-latest'], 2, 'say which topics'],
    [['group', 'reset', 'nobody', '--all-topics'], 2, 'say where to'],
  ])('%j ends with %i', async (words, code, error) => {
    await sabir('topic', 'create', 'twice', '--if-not-exists', '-p', '2')
    const outcome = await sabir(...words)
    expect(outcome.error).toContain(error)
    expect(outcome.code).toBe(code)
  })

  test('a broker that is not there', async () => {
    const outcome = await command('topic', 'list', '--broker', '127.0.0.1:1')
    expect(outcome.error).toContain('no broker answers at 127.0.0.1:1: connection refused')
    expect(outcome.code).toBe(4)
  })
})

describe('sabir produce and consume', () => {
  test('lines in, lines out', async () => {
    await produce('lines', ['a', 'b', '', 'größe'])
    expect(await consumed('lines', '-b')).toEqual(['a', 'b', '', 'größe'])
    expect(await consumed('lines', '-b', '-m', '2')).toEqual(['a', 'b'])
    expect(await consumed('lines', '-o', '2')).toEqual(['', 'größe'])
    expect(await consumed('lines', '-l', '1')).toEqual(['größe'])
    expect(await consumed('lines', '-t', '1h')).toHaveLength(4)
    expect(await consumed('lines', '-t', '2100-01-01')).toEqual([])
  })

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('compressed with %s', async name => {
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index}`)
    await produce(`packed-${name}`, lines, '-z', name)
    expect(await consumed(`packed-${name}`, '-b')).toEqual(lines)
  })

  test.each(['0', '1', 'all'])('acks %s', async acks => {
    await produce(`acks-${acks}`, ['x', 'y'], '-a', acks)
    expect(await consumed(`acks-${acks}`, '-b', '-f', '-m', '2')).toEqual(['x', 'y'])
  })

  test('keys, headers and null values', async () => {
    await sabir('topic', 'create', 'keyed', '-p', '4')
    const flags = ['-k', ':', '-H', 'a=1', '--null-marker', 'NULL']
    await produce('keyed', ['k1:v1', 'k2:NULL', 'k1:v3'], ...flags)
    const { out } = await sabir('consume', 'keyed', '-b', '--json')
    const records = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { key: string; value: string | null; partition: number })
    const k1 = records.filter(({ key }) => key === 'k1')
    expect(k1.map(({ value }) => value)).toEqual(['v1', 'v3'])
    expect(new Set(k1.map(({ partition }) => partition)).size).toBe(1)
    expect(records.find(({ key }) => key === 'k2')).toMatchObject({
      value: null,
      headers: [{ name: 'a', value: '1' }],
    })
  })

  test('a partition that was asked for', async () => {
    await sabir('topic', 'create', 'parted', '-p', '3')
    await produce('parted', ['x'], '-p', '2')
    expect(await consumed('parted', '-b', '-p', '2', '--format', '%p:%o:%v')).toEqual(['2:0:x'])
    expect(await consumed('parted', '-b', '-p', '0')).toEqual([])
  })

  test('a backlog larger than one answer', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `${index} ${'x'.repeat(100)}`)
    await produce('backlog', lines)
    expect(await consumed('backlog', '-b', '--format', '%v')).toEqual(lines)
  })

  test('too few in time ends with 5', async () => {
    await produce('few', ['x'])
    const outcome = await sabir('consume', 'few', '-b', '-f', '-m', '2', '--timeout', '50ms')
    expect(outcome).toEqual({ code: 5, out: 'x\n', error: '' })
  })

  test('in a group: goes on where it was', async () => {
    await produce('work', ['1', '2', '3', '4'])
    const group = ['-g', 'workers', '-b']
    expect(await consumed('work', ...group, '-m', '3')).toEqual(['1', '2', '3'])
    expect(await consumed('work', ...group)).toEqual(['4'])
    expect(await consumed('work', ...group)).toEqual([])
  })
})

describe('sabir group', () => {
  const offsets = async (group: string): Promise<unknown> => {
    const [one] = (await json('group', 'describe', group)) as [{ offsets: { offset: number }[] }]
    return one.offsets.map(({ offset }) => offset)
  }

  test('list, describe, reset', async () => {
    await produce('reset', ['1', '2', '3', '4'])
    await consumed('reset', '-g', 'movers', '-b', '-m', '3')
    expect(await json('group', 'list')).toContainEqual(
      expect.objectContaining({ name: 'movers', state: 'Empty' }),
    )
    const [described] = (await json('group', 'describe', 'movers')) as [object]
    expect(described).toMatchObject({
      group: 'movers',
      state: 'Empty',
      members: [],
      offsets: [{ topic: 'reset', partition: 0, offset: 3, end: 4, lag: 1, member: null }],
    })
    const reset = ['group', 'reset', 'movers', '--topic', 'reset']
    const shown = await sabir(...reset, '--to-earliest')
    expect(shown).toMatchObject({ code: 0, error: expect.stringContaining('--execute') })
    expect(await offsets('movers')).toEqual([3])
    for (const [flags, offset] of [
      [['--to-earliest'], 0],
      [['--shift-by', '2'], 2],
      [['--shift-by', '-1'], 1],
      [['--shift-by', '-9'], 0],
      [['--to-latest'], 4],
      [['--to-offset', '3'], 3],
      [['--to-current'], 3],
      [['--to-time', '1h'], 0],
      [['--to-time', '2100-01-01'], 4],
    ] as [string[], number][]) {
      const outcome = await sabir(...reset, ...flags, '--execute')
      expect(outcome).toMatchObject({ code: 0, error: '' })
      expect(await offsets('movers'), flags.join(' ')).toEqual([offset])
    }
  })

  test('an active group is not moved', async () => {
    await produce('busy', ['1'])
    const reading = sabir('consume', 'busy', '-g', 'busy', '-b', '-f', '-m', '2')
    const state = async (): Promise<unknown> => {
      const groups = (await json('group', 'list')) as { name: string; state: string }[]
      return groups.find(({ name }) => name === 'busy')?.state
    }
    await expect.poll(state, { timeout: 10_000 }).toBe('Stable')
    const outcome = await sabir('group', 'reset', 'busy', '--all-topics', '--to-earliest')
    expect(outcome).toMatchObject({ code: 1, error: expect.stringContaining('it is Stable') })
    await produce('busy', ['2'])
    await reading
  })
})

test('help tells the exit codes', async () => {
  const { code, out } = await command('topic', 'create', '--help')
  expect(code).toBe(0)
  expect(out).toContain('Exit codes:')
})
