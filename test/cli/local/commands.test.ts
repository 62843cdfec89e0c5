import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningBroker, startBroker } from '../../../src/index.ts'
import { command, type Outcome } from '../../server/command.ts'

let broker: RunningBroker
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-local-'))
  broker = await startBroker({ storage: { folder: join(folder, 'data') } })
  process.env['SABIR_DATA'] = join(folder, 'data')
})
afterAll(async () => {
  await broker.close()
  rmSync(folder, { recursive: true })
})

async function said(...words: string[]): Promise<string> {
  const { code, out, error } = await command(...words)
  expect({ words, code, error }).toEqual({ words, code: 0, error: '' })
  return out
}

const json = async (...words: string[]): Promise<unknown> =>
  JSON.parse(await said(...words, '--json'))

const messages = async (...words: string[]): Promise<string[]> =>
  ((await json('queue', ...words)) as readonly { readonly body: string }[]).map(({ body }) => body)

describe('sabir queue', () => {
  test('create, list, describe, purge, delete', async () => {
    const created = await said('queue', 'create', 'one', '-a', 'x-message-ttl=60000')
    expect(created).toBe('Created queue "one".\n')
    expect(await said('queue', 'create', 'one', '-a', 'x-message-ttl=60000')).toContain('already')
    await said('queue', 'publish', 'one', '--body', 'hello', '--priority', '3')
    expect(await said('queue', 'list')).toMatch(/^one +classic +1 +0 +0$/m)
    const [described] = (await json('queue', 'describe', 'one')) as [Record<string, unknown>]
    expect(described).toMatchObject({
      arguments: { 'x-message-ttl': 60_000 },
      durable: true,
      messages: 1,
      settings: { messageTtlMs: 60_000 },
    })
    expect(await said('queue', 'purge', 'one')).toBe('Purged queue "one": 1 messages.\n')
    expect(await said('queue', 'delete', 'one')).toBe('Deleted "one".\n')
    expect(await json('queue', 'list')).toEqual([])
  })

  test('arguments are checked as those of clients, in the same words', async () => {
    const bad = await command('queue', 'create', 'bad', '-a', 'x-message-ttl=-1')
    expect(bad.error).toContain("invalid arg 'x-message-ttl' for queue 'bad' in vhost '/'")
    await said('queue', 'create', 'same')
    const other = await command('queue', 'create', 'same', '--transient')
    expect(other.error).toContain(
      "inequivalent arg 'durable' for queue 'same' in vhost '/': " +
        "received 'false' but current is 'true'",
    )
    expect((await command('queue', 'create', 'amq.mine')).error).toContain('reserved prefix')
    const quorum = await command('queue', 'create', 'q', '-t', 'quorum', '--transient')
    expect(quorum.error).toContain("invalid property 'non-durable' for queue 'q'")
  })

  test('get takes, get --keep and browse do not', async () => {
    await said('queue', 'create', 'read')
    const file = join(folder, 'lines.txt')
    writeFileSync(file, 'a\nb\nc\n')
    expect(await said('queue', 'publish', 'read', '--lines', '-f', file)).toBe(
      'Published 3 messages.\n',
    )
    expect(await messages('browse', 'read')).toEqual(['a', 'b', 'c'])
    expect(await messages('get', 'read', '-n', '2', '--keep')).toEqual(['a', 'b'])
    expect(await said('queue', 'get', 'read', '-n', '2')).toBe('a\nb\n')
    expect(await messages('browse', 'read')).toEqual(['c'])
    expect(await messages('get', 'read', '-n', '9')).toEqual(['c'])
    expect(await messages('get', 'read')).toEqual([])
  })

  test('a queue that keeps what was consumed is handed out again', async () => {
    await said('queue', 'create', 'kept', '-a', 'x-retention-ms=3600000')
    for (const body of ['a', 'b']) await said('queue', 'publish', 'kept', '--body', body)
    await said('queue', 'get', 'kept', '-n', '2')
    expect(await messages('browse', 'kept')).toEqual([])
    expect(await messages('browse', 'kept', '--all', '--offset', '1')).toEqual(['b'])
    expect(await said('queue', 'seek', 'kept', '--to-first')).toContain('has 2 messages')
    expect(await messages('get', 'kept', '-n', '2')).toEqual(['a', 'b'])
    expect((await command('queue', 'seek', 'kept')).code).toBe(2)
  })

  test('what is published has the properties AMQP clients see', async () => {
    await said('queue', 'create', 'properties')
    const flags = ['--header', 'n=1', '--property', 'correlationId=c-1', '--key', 'k']
    await said('queue', 'publish', 'properties', '--body', 'x', ...flags)
    const connection = await connect(`amqp://${broker.url('amqp091')}`)
    const channel = await connection.createChannel()
    const message = await channel.get('properties', { noAck: true })
    expect(message).toMatchObject({
      properties: { correlationId: 'c-1', deliveryMode: 2, headers: { n: 1 } },
    })
    await connection.close()
  })

  test.each<[string[], number, string]>([
    [['queue', 'describe', 'nobody'], 3, "no queue 'nobody' in vhost '/'"],
    [['queue', 'delete', 'nobody'], 3, "no queue 'nobody'"],
    [['queue', 'list', '-v', 'nowhere'], 3, 'Virtual host nowhere does not exist'],
    [['queue', 'publish', 'nobody', '--body', 'x'], 3, 'no queue or topic took it'],
    [['queue', 'get', 'same', '-n', '0'], 2, 'It is at least 1.'],
    [['queue', 'list', '--data', '/no/such'], 4, 'no broker runs with the data folder /no/such'],
    [['vhost', 'delete', '/'], 1, 'cannot be deleted'],
    [['user', 'alter', 'guest'], 2, 'nothing to change'],
    [['permission', 'set', 'guest'], 2, 'say what'],
    [['policy', 'set', 'p', '.*', 'nosuch=1'], 1, 'are not recognised policy settings'],
    [['exchange', 'create', 'e', '-t', 'nosuch'], 1, "unknown exchange type 'nosuch'"],
    [['exchange', 'delete', 'amq.direct'], 1, "deletion of system exchange 'amq.direct'"],
    [['connection', 'close', 'nobody'], 3, "There is no connection 'nobody'"],
    [['definitions', 'import', '/no/such'], 1, 'cannot read "/no/such"'],
  ])('%j ends with %i', async (words, code, error) => {
    const outcome: Outcome = await command(...words)
    expect(outcome.error).toContain(error)
    expect(outcome.code).toBe(code)
  })
})

test('sabir exchange and binding: what is published comes to the queues', async () => {
  await said('exchange', 'create', 'shop', '-t', 'topic')
  await said('queue', 'create', 'teas')
  await said('binding', 'create', 'shop', 'teas', '--key', 'tea.*')
  expect(await said('binding', 'list')).toMatch(/^shop +queue +teas +tea\.\* /m)
  await said('exchange', 'publish', 'shop', 'tea.green', '--body', 'sencha')
  const lost = await command('exchange', 'publish', 'shop', 'coffee', '--body', 'mocha')
  expect(lost).toMatchObject({ code: 3, out: 'Published 1 message. Nothing took 1 of them.\n' })
  expect(await messages('get', 'teas', '-n', '2')).toEqual(['sencha'])
  const described = (await json('exchange', 'describe', 'shop')) as { bindings: object[] }
  expect(described).toMatchObject({ type: 'topic', publishedIn: 2 })
  expect(described.bindings).toHaveLength(1)
  await said('binding', 'delete', 'shop', 'teas', '--key', 'tea.*')
  expect((await command('binding', 'delete', 'shop', 'teas')).code).toBe(3)
  expect((await command('exchange', 'delete', 'shop', '--if-unused')).code).toBe(0)
})

test('sabir vhost, user, permission: somebody can log in, and may what was said', async () => {
  await said('vhost', 'create', 'team', '--description', 'ours', '--max-queues', '1')
  await said('user', 'create', 'ann', '--password', 'secret', '--tag', 'monitoring')
  const url = `amqp://ann:secret@${broker.url('amqp091')}/team`
  await expect(connect(url)).rejects.toThrow()
  await said('permission', 'set', 'ann', '-v', 'team', '--configure', '^mine', '--read', '.*')
  const connection = await connect(url)
  const listed = (await json('connection', 'list')) as { user: string; vhost: string }[]
  expect(listed).toContainEqual(expect.objectContaining({ user: 'ann', vhost: 'team' }))
  await (await connection.createChannel()).assertQueue('mine')
  const second = await command('queue', 'create', 'second', '-v', 'team')
  expect(second.error).toContain("queue limit in vhost 'team' (1) is reached")
  expect(await said('permission', 'list', '-u', 'ann')).toMatch(/^ann +team +\^mine +\.\*$/m)
  const closed = new Promise<Error>(resolve => connection.once('close', resolve))
  expect(await said('connection', 'close', '--user', 'ann')).toBe('Closed 1 connections.\n')
  expect((await closed).message).toContain('closed by an operator')
  await said('user', 'alter', 'ann', '--no-password')
  await expect(connect(url)).rejects.toThrow()
  await said('user', 'delete', 'ann')
  await said('vhost', 'delete', 'team')
  expect(await json('user', 'list')).toHaveLength(1)
})

test('sabir policy: settings hold at once', async () => {
  await said('queue', 'create', 'short')
  await said('policy', 'set', 'few', '^short$', 'max-length=2', 'overflow=drop-head')
  for (const body of ['a', 'b', 'c']) await said('queue', 'publish', 'short', '--body', body)
  expect(await messages('get', 'short', '-n', '9')).toEqual(['b', 'c'])
  expect(await said('policy', 'list')).toContain('few')
  await said('policy', 'set', 'fewer', '.*', 'max-length=1', '--operator')
  const [described] = (await json('queue', 'describe', 'short')) as [object]
  expect(described).toMatchObject({
    policy: 'few',
    operator_policy: 'fewer',
    settings: { lengthMax: 1 },
  })
  await said('policy', 'delete', 'few')
  await said('policy', 'delete', 'fewer', '--operator')
  expect(await json('policy', 'list')).toEqual([])
})

test('sabir definitions: what is exported can be imported elsewhere', async () => {
  await said('queue', 'create', 'moved', '-a', 'x-max-length=7')
  const file = join(folder, 'definitions.json')
  await said('definitions', 'export', file)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ users: [{ name: 'guest' }] })
  await using other = await startBroker({ storage: { folder: join(folder, 'other') } })
  expect(other.listeners).not.toEqual([])
  const there = ['--data', join(folder, 'other')]
  expect(await said('definitions', 'import', file, ...there)).toMatch(/^queues +\d+ +0 +0$/m)
  const [described] = (await json('queue', 'describe', 'moved', ...there)) as [object]
  expect(described).toMatchObject({ arguments: { 'x-max-length': 7 } })
})
