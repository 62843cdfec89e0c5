import { expect, test } from 'vitest'
import { encodeBatch } from '../../src/log/batch/index.ts'
import { RespLoopback } from '../resp/loopback.ts'

const sent = (text: string): Buffer =>
  encodeBatch([{ timestamp: 1, key: null, value: Buffer.from(text) }])

test('what a producer sends in the turn of a push comes behind what was pushed', async () => {
  await using world = await RespLoopback.open()
  const client = world.client()
  const { appender, queues } = world.broker
  expect(client.ask('RPUSH', 'l', 'b')).toBe(1)
  const partition = queues.find('/', 'l')!.topic.partitions[0]!
  client.ask('LPUSH', 'l', 'a')
  appender.append(partition, sent('c'))
  client.ask('LPUSH', 'l', 'first')
  appender.append(partition, sent('d'))
  expect(client.ask('LRANGE', 'l', '0', '-1')).toEqual(['first', 'a', 'b', 'c', 'd'])
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(client.ask('LRANGE', 'l', '0', '-1')).toEqual(['first', 'a', 'b', 'c', 'd'])
  for (const text of ['first', 'a', 'b', 'c', 'd']) expect(client.ask('LPOP', 'l')).toBe(text)
  expect(client.ask('LPOP', 'l')).toBeNull()
})
