import { ByteReader } from '../../src/lib/bytes/index.ts'
import {
  encodeRequest,
  encodeResponse,
  readRequest,
  readRequestHeader,
} from '../../src/protocols/kafka/codec.ts'
import { fetch, produce, ZERO_UUID } from '../../src/protocols/kafka/schema/index.ts'

/**
 * What one Produce request costs to read and one Fetch response to write, without the records:
 * these are never copied, so their size (16 KiB a batch here) does not matter. Run with
 * `npx tsx benchmarks/micro/kafka-codec.ts`; one JSON line a case, the best of five rounds.
 */
const ROUND_MS = 400
const ROUNDS = 5
const BATCH = Buffer.alloc(16 * 1024)

function measure(facts: object, run: () => void): void {
  for (let warmUp = 0; warmUp < 20_000; warmUp++) run()
  let perSecond = 0
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now()
    let count = 0
    for (; performance.now() - started < ROUND_MS; count += 200)
      for (let index = 0; index < 200; index++) run()
    perSecond = Math.max(perSecond, (count / (performance.now() - started)) * 1000)
  }
  const figures = { perSecond: Math.round(perSecond), microseconds: +(1e6 / perSecond).toFixed(2) }
  process.stdout.write(`${JSON.stringify({ ...facts, ...figures })}\n`)
}

function produceFrame(apiVersion: number, partitions: number): Buffer {
  const partitionData = Array.from({ length: partitions }, (_, index) => ({
    index,
    records: BATCH,
  }))
  const header = { apiVersion, correlationId: 1, clientId: 'benchmark' }
  const topicData = [{ name: 'orders', topicId: ZERO_UUID, partitionData }]
  const chunks = encodeRequest(produce, header, { acks: -1, timeoutMs: 30_000, topicData })
  return Buffer.concat(chunks).subarray(4)
}

function fetchAnswer(count: number) {
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({
    partitionIndex,
    errorCode: 0,
    highWatermark: 100_000 + partitionIndex,
    lastStableOffset: 100_000 + partitionIndex,
    logStartOffset: 0,
    abortedTransactions: null,
    records: [BATCH, BATCH, BATCH, BATCH],
  }))
  return { responses: [{ topic: 'orders', topicId: ZERO_UUID, partitions }] }
}

for (const version of [9, 13])
  for (const partitions of [1, 32]) {
    const frame = produceFrame(version, partitions)
    measure({ case: 'read Produce', version, partitions }, () => {
      const reader = new ByteReader(frame)
      readRequestHeader(reader)
      readRequest(produce, version, reader)
    })
  }
for (const version of [11, 17])
  for (const partitions of [0, 1, 32]) {
    const answer = fetchAnswer(partitions)
    measure({ case: 'write Fetch', version, partitions, batches: 4 }, () => {
      encodeResponse(fetch, version, 1, answer)
    })
  }
