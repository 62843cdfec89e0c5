import { describe, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { startBroker } from '../../src/index.ts'
import { version } from '../../src/version.ts'
import { command } from './command.ts'

describe('startBroker', () => {
  test('several brokers of one process know nothing of each other', async () => {
    await using one = await startBroker()
    await using two = await startBroker({ settings: { partitionsDefault: 5 } })
    expect(one.port('kafka')).not.toBe(two.port('kafka'))
    await command('topic', 'create', 'mine', '--broker', one.url('kafka'))
    const listed = await command('topic', 'list', '--json', '--broker', two.url('kafka'))
    expect(listed.out).toBe('[]\n')
    await command('topic', 'create', 'wide', '--broker', two.url('kafka'))
    const wide = await command('topic', 'list', '--json', '--broker', two.url('kafka'))
    expect(JSON.parse(wide.out)).toMatchObject([{ name: 'wide', partitions: 5 }])
  })

  test('closing twice is closing once, and the port is free again', async () => {
    const broker = await startBroker()
    const port = broker.port('kafka')
    await Promise.all([broker.close(), broker.close()])
    await using again = await startBroker({ ports: { kafka: port } })
    expect(again.port('kafka')).toBe(port)
  })

  test('a name nobody listens to is an error that names those there are', async () => {
    await using broker = await startBroker()
    expect(() => broker.url('amqp')).toThrow('no listener speaks "amqp"; there are: kafka')
  })
})

test('the version is that of package.json', () => {
  const path = new URL('../../package.json', import.meta.url)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version })
})
