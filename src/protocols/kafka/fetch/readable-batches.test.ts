import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import {
  BatchPacker,
  checkStoredBatch,
  encodeBatch,
  lastOffsetOf,
  OpenBatch,
  readRecords,
  setBaseOffset,
} from '../../../log/batch/index.ts'
import type { Offset } from '../../../lib/brand.ts'
import { encodeAnnotations } from '../../../message/annotations.ts'
import { type Mapping, Mappings } from '../../../message/mapping.ts'
import type { Origin } from '../../../message/origin.ts'
import { Publication } from '../../../message/publication.ts'
import { recordMapping } from '../../../message/record-mapping.ts'
import { RecordWriter } from '../../../message/record-writer.ts'
import { ReadableBatches } from './readable-batches.ts'

const ORIGIN = 200 as Origin
/** Another protocol, whose properties are a content type and nothing else. */
const toyMapping: Mapping = {
  origin: ORIGIN,
  protocol: 'toy',
  toCommon: bytes => ({
    ...recordMapping.toCommon(Buffer.alloc(0)),
    contentType: bytes.length === 0 ? null : bytes.toString(),
  }),
  fromCommon: common => Buffer.from(common.contentType ?? ''),
}

type Message = {
  body: string
  key?: string
  type?: string
  exchange?: string
  ttlMs?: number
  annotations?: Buffer
}

function pack(messages: Message[], base: number): Buffer {
  const [packer, writer, open] = [new BatchPacker(), new RecordWriter(), new OpenBatch()]
  for (const { body, key, type = '', exchange = '', ttlMs = -1, annotations } of messages) {
    const publication = new Publication()
    publication.origin = ORIGIN
    publication.addressTo(exchange, 'key')
    publication.properties = Buffer.from(type)
    publication.propertiesEnd = publication.properties.length
    publication.body = Buffer.from(body)
    publication.bodyEnd = publication.body.length
    publication.key = key === undefined ? null : Buffer.from(key)
    publication.ttlMs = ttlMs
    publication.annotations = annotations ?? null
    const sizeBytes = writer.measure(publication, null, open.count, open.count)
    ok(packer.reserve(open, sizeBytes, 1000 + open.count))
    open.wrote(writer.write(open.bytes, open.at, publication, null), 1000 + open.count)
  }
  const batch = packer.finish(open)
  setBaseOffset(batch, base as Offset)
  return batch
}

function readable(): ReadableBatches {
  const mappings = new Mappings()
  mappings.register(toyMapping)
  return new ReadableBatches(mappings)
}

/** "5 body content-type=text" for each record. */
function show(batches: readonly Buffer[]): string[] {
  for (const batch of batches) equal(checkStoredBatch(batch), null)
  return batches.flatMap(batch =>
    readRecords(batch).map(({ offset, key, value, headers }) =>
      [
        offset,
        ...(key === null ? [] : [`<${key}>`]),
        value,
        ...headers.map(header => `${header.key}=${header.value}`),
      ].join(' '),
    ),
  )
}

const cases: [name: string, messages: Message[], from: number, expected: string[]][] = [
  ['bodies and keys', [{ body: 'a', key: 'k' }, { body: '' }], 5, ['5 <k> a', '6 ']],
  [
    'properties as headers',
    [
      { body: 'a', type: 'text' },
      { body: 'b', type: 'text' },
      { body: 'c', type: 'json' },
    ],
    5,
    ['5 a content-type=text', '6 b content-type=text', '7 c content-type=json'],
  ],
  ['what is asked for only', [{ body: 'a' }, { body: 'b' }, { body: 'c' }], 6, ['6 b', '7 c']],
  [
    'the address, but for the default exchange',
    [{ body: 'a', exchange: 'logs' }, { body: 'b' }],
    5,
    ['5 a exchange=logs routing-key=key', '6 b'],
  ],
  ['how long it lives', [{ body: 'a', ttlMs: 60 }, { body: 'b' }], 5, ['5 a expiration=60', '6 b']],
  [
    'what the broker knows',
    [{ body: 'a', annotations: encodeAnnotations({ delayedMs: 70 }) }, { body: 'b' }],
    5,
    ['5 a x-delay=-70', '6 b'],
  ],
]
for (const [name, messages, from, expected] of cases) {
  test(`readable batches: ${name}`, () => {
    deepEqual(show(readable().encode([pack(messages, 5)], from, 1_000_000)), expected)
  })
}

test("readable batches: producers' batches go out as they lie", () => {
  const plain = encodeBatch([{ timestamp: 1, key: null, value: Buffer.from('p') }])
  const batches = [plain]
  equal(readable().encode(batches, 0, 1), batches)
  equal(readable().encode([pack([{ body: 'a' }], 5), plain], 5, 1000)[1], plain)
})

test('readable batches: a reader gets past what compaction emptied', () => {
  const options = { baseOffset: 5, lastOffsetDelta: 3, isEnveloped: true, maxTimestamp: 9 }
  const [gap] = readable().encode([encodeBatch([], options)], 6, 100)
  deepEqual([show([gap!]), lastOffsetOf(gap!)], [[], 8])
})

test('readable batches: reading piece by piece gives every record once, in order', () => {
  const body = fc.string({ minLength: 0, maxLength: 300 })
  const lists = fc.array(fc.array(body, { minLength: 1, maxLength: 30 }), { minLength: 1 })
  const pieces = fc.integer({ min: 1, max: 3000 })
  const encoder = readable()
  fc.assert(
    fc.property(lists, pieces, (bodies, bytesMax) => {
      let end = 0
      const stored = bodies.map(list => {
        const batch = pack(
          list.map(one => ({ body: one })),
          end,
        )
        end += list.length
        return batch
      })
      const read: string[] = []
      for (let from = 0; from < end; ) {
        const left = stored.filter(batch => lastOffsetOf(batch) >= from)
        const batches = encoder.encode(left, from, bytesMax)
        read.push(...show(batches))
        from = lastOffsetOf(batches.at(-1)!) + 1
      }
      deepEqual(
        read,
        bodies.flat().map((one, index) => `${index} ${one}`),
      )
    }),
  )
})
