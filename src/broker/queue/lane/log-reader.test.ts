import { expect, test } from 'vitest'
import type { Offset } from '../../../lib/brand.ts'
import { BatchPacker, OpenBatch, setBaseOffset } from '../../../log/batch/index.ts'
import type { Log, ReadRoom } from '../../../log/store.ts'
import { Publication } from '../../../message/publication.ts'
import { RecordWriter } from '../../../message/record-writer.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import { BatchRoom } from './batch-room.ts'
import { LogReader } from './log-reader.ts'
import { ReadAhead } from './read-ahead.ts'

const BODY_BYTES = 40_000
const COUNT = 12

/** A batch for each message; the body of each says which it is. */
function batchOf(offset: number): Buffer {
  const [packer, writer, open] = [new BatchPacker(), new RecordWriter(), new OpenBatch()]
  const publication = new Publication()
  publication.body = Buffer.alloc(BODY_BYTES, offset + 1)
  publication.bodyEnd = BODY_BYTES
  packer.reserve(open, writer.measure(publication, null, 0, 0), 1)
  open.wrote(writer.write(open.bytes, open.at, publication, null), 1)
  const batch = packer.finish(open)
  setBaseOffset(batch, offset as Offset)
  return batch
}

const batches = Array.from({ length: COUNT }, (_, offset) => batchOf(offset))

/** Reads two batches at a time into the memory it is given; every third read fails halfway. */
function readerOf({
  isCold,
  isFailing = false,
  readAhead = new ReadAhead(),
}: {
  isCold: boolean
  isFailing?: boolean
  readAhead?: ReadAhead
}) {
  const waiting: (() => void)[] = []
  const loaded = (): void => {
    for (const goOn of waiting.splice(0)) goOn()
  }
  const late: Buffer[] = []
  let reads = 0
  const fill = (from: number, room: ReadRoom): Buffer[] =>
    batches.slice(from, from + 2).map(batch => {
      const bytes = room.take(batch.length)
      batch.copy(bytes)
      return bytes
    })
  const log = {
    startOffset: 0,
    confirmedEnd: COUNT,
    read: (from: Offset, _: number, room: ReadRoom) => {
      const found = fill(from, room)
      if (!isCold) return found
      if (!isFailing || ++reads % 3 !== 0) return Promise.resolve(found)
      late.push(...found)
      return Promise.reject(new Error('the disk failed'))
    },
  }
  const reader = new LogReader({
    log: log as unknown as Log,
    readAhead,
    bodies: null,
    room: new BatchRoom(readAhead.blocks),
    onLoaded: loaded,
    onFailed: loaded,
  })
  return { reader, late, whenLoaded: () => new Promise<void>(resolve => waiting.push(resolve)) }
}

type Reading = ReturnType<typeof readerOf>

async function bodyAt({ reader, whenLoaded, late }: Reading, offset: number): Promise<Buffer> {
  const view = new StoredMessage()
  for (;;) {
    const loaded = whenLoaded()
    const answer = reader.find(offset, view)
    // What failed still writes bodies where it was told to.
    for (const bytes of late) bytes.fill(0, bytes.length / 2)
    if (answer === 'message') break
    expect(answer).toBe('loading')
    await loaded
  }
  expect(view.offset).toBe(offset)
  return view.body.subarray(view.bodyStart, view.bodyEnd)
}

const expectedAt = (offset: number): Buffer => Buffer.alloc(BODY_BYTES, offset + 1)

test.each([
  ['memory', { isCold: false }],
  ['the disk', { isCold: true }],
  ['a disk that fails now and then', { isCold: true, isFailing: true }],
])('log reader: shows every body as it was written, from %s', async (_, how) => {
  const reading = readerOf(how)
  for (let offset = 0; offset < COUNT; offset++) {
    const body = await bodyAt(reading, offset)
    expect(body.equals(expectedAt(offset))).toBe(true)
  }
  reading.reader.rest()
  const back = await bodyAt(reading, 3)
  expect(back.equals(expectedAt(3))).toBe(true)
})

test('log reader: reads on in the memory of what it showed before', async () => {
  const reading = readerOf({ isCold: false })
  const memories = new Set<ArrayBufferLike>()
  for (let offset = 0; offset < COUNT; offset++)
    memories.add((await bodyAt(reading, offset)).buffer)
  expect(memories.size).toBe(2)
})

test('log reader: what it showed last stays when others need the room it holds', async () => {
  const readAhead = new ReadAhead(1)
  const body = await bodyAt(readerOf({ isCold: false, readAhead }), 0)
  const other = readerOf({ isCold: false, readAhead })
  for (let offset = 0; offset < COUNT; offset++) await bodyAt(other, offset)
  expect(body.equals(expectedAt(0))).toBe(true)
})
