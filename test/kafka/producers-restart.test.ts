import { deepEqual, equal } from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, test } from 'vitest'
import { encodeBatch } from '../../src/log/batch/index.ts'
import { errorCode } from '../../src/protocols/kafka/constants.ts'
import { initProducerId, produce } from '../../src/protocols/kafka/schema/index.ts'
import { Loopback, type LoopbackClient } from './loopback.ts'

const root = mkdtempSync(join(tmpdir(), 'sabir-producers-'))
afterAll(() => rmSync(root, { recursive: true }))

const newId = async (client: LoopbackClient): Promise<number> => {
  const request = { transactionalId: null, transactionTimeoutMs: 0 }
  return (await client.ask(initProducerId, 4, request)).producerId
}

async function send(client: LoopbackClient, producerId: number, baseSequence: number) {
  const records = [{ timestamp: 1, key: null, value: Buffer.from('value') }]
  const batch = encodeBatch(records, { producerId, producerEpoch: 0, baseSequence })
  const topicData = [{ name: 'orders', partitionData: [{ index: 0, records: batch }] }]
  const response = await client.ask(produce, 9, { acks: -1, timeoutMs: 1000, topicData })
  const { errorCode: code, baseOffset } = response.responses[0]!.partitionResponses[0]!
  return [code, baseOffset]
}

/** What a producer that lived before must find: its last batches, and no second one with its id. */
async function check(kafka: Loopback, idBefore: number): Promise<void> {
  const client = kafka.client()
  deepEqual(await send(client, idBefore, 6), [0, 6])
  deepEqual(await send(client, idBefore, 2), [0, 2])
  deepEqual(await send(client, idBefore, 1), [errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1])
  deepEqual(await send(client, idBefore, 9), [errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1])
  deepEqual(await send(client, idBefore, 7), [0, 7])
  equal((await newId(client)) > idBefore, true)
}

test('producers are remembered over a stop, and over an end without one', async () => {
  const folder = join(root, 'first')
  const first = await Loopback.openFolder(folder)
  await first.topic('orders')
  const client = first.client()
  const id = await newId(client)
  for (let sequence = 0; sequence < 7; sequence++)
    deepEqual(await send(client, id, sequence), [0, sequence])
  // What a power cut would leave: the files as they are, without a checkpoint of the end.
  const copy = join(root, 'copy')
  cpSync(folder, copy, { recursive: true, filter: path => !path.endsWith('.sock') })
  await using crashed = await Loopback.openFolder(copy)
  await check(crashed, id)
  await first[Symbol.asyncDispose]()
  await using stopped = await Loopback.openFolder(folder)
  await check(stopped, id)
})
