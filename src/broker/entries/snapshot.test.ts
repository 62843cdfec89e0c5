import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'vitest'
import type { LogId } from '../../log/store.ts'
import type { Partition } from '../topic/index.ts'
import { EventReader, EventWriter } from './event-bytes.ts'
import { readStream, writeStream } from './snapshot.ts'
import { StreamState } from './stream-state.ts'

const partition = { logId: 3 as LogId, log: { startOffset: 0 } } as Partition

/** A stream that had everything happen to it. */
function furnished(): StreamState {
  const stream = new StreamState(partition, 0)
  for (let batch = 0; batch < 4; batch++)
    stream.appended({
      baseOffset: (batch * 200) as never,
      lastOffset: (batch * 200 + 199) as never,
      count: 200,
      sizeBytes: 5000,
      maxTimestamp: 1000 + batch,
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
      isTransactional: false,
      isControl: false,
    })
  stream.trimTo(10)
  stream.gone.add(20, 25)
  stream.maxDeleted = { ms: 1000, seq: 25 }
  stream.setLast({ ms: 2n ** 63n, seq: 5 })
  stream.idempotence.remember('anna', 'a', { ms: 1000, seq: 1 }, 1000)
  const group = stream.addGroup('g', { ms: 1000, seq: 30 }, 31)
  const anna = group.addConsumer('anna', 50)
  for (const seq of [26, 27, 28])
    group.hand(group.make(1000, seq, seq), anna, { time: 50 + (seq % 2), deliveries: 1 })
  group.giveBack(group.make(1000, 29, 29), 2n ** 63n - 1n, 77)
  stream.removeGroup(stream.addGroup('gone', { ms: 0, seq: 0 }, null))
  return stream
}

const bytesOf = (stream: StreamState): string => {
  const writer = new EventWriter().begin()
  writeStream(writer, stream)
  return writer.bytes().toString('hex')
}

test('snapshots of streams: what is written is read again, with nothing left out', () => {
  const stream = furnished()
  const hex = bytesOf(stream)
  const restored = new StreamState(partition, 0)
  const reader = new EventReader(Buffer.from(hex, 'hex'))
  readStream(reader, restored)
  equal(reader.isAtEnd, true)
  equal(bytesOf(restored), hex)
  const group = restored.groups.get('g')!
  deepEqual([group.pendingCount, group.returnedCount, restored.groupNext], [4, 1, 2])
  equal(group.oldest?.seq, 29)
})

const golden = [
  'c00c01018080808010000a01d60f8e0301d00f32c00c1402280a0a000100009003d00f8e03a006028e03b009',
  '028e03c00c01018080808010000a02c00c01018080808010000ac801c80102000208616e6e6102026101d00f',
  '020402000267003c4002020008616e6e61640108003a3a010001feffffff0ffeffffff1f9a01003434006402',
  '000038380064020000363600660200',
]

/** Changed only together with the version: there are data folders with this. */
test('snapshots of streams: the bytes are as they always were', () => {
  equal(bytesOf(furnished()), golden.join(''))
})
