import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MalformedError } from '../lib/bytes/reader.ts'
import { BatchPacker, encodeBatch, OpenBatch, RecordScanner } from '../log/batch/index.ts'
import { LogId } from '../log/store.ts'
import { MessageReader } from './message-reader.ts'
import { type Origin, origins } from './origin.ts'
import { Publication } from './publication.ts'
import { type BodyReference, RecordWriter } from './record-writer.ts'
import { StoredMessage } from './stored-message.ts'

type Given = {
  origin: number
  exchange: string
  routingKey: string
  properties: Buffer
  body: Buffer
  key: Buffer | null
  ttlMs: number
  priority: number
  annotations: Buffer | null
  timestamp: number
  reference: BodyReference | null
}

const bytes = (maxLength: number) =>
  fc.uint8Array({ maxLength, size: 'max' }).map(data => Buffer.from(data))
const name = fc.string({ maxLength: 60 })
const given: fc.Arbitrary<Given> = fc.record({
  origin: fc.integer({ min: 1, max: 9 }),
  exchange: name,
  routingKey: name,
  properties: bytes(200),
  body: fc.oneof(bytes(60), bytes(20_000)),
  key: fc.option(bytes(80)),
  ttlMs: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2 ** 48 - 1 })),
  priority: fc.integer({ min: 0, max: 255 }),
  annotations: fc.option(fc.constant(Buffer.from('{"delayedMs":5}'))),
  timestamp: fc.integer({ min: 0, max: 2 ** 45 }),
  reference: fc.option(
    fc.record({
      log: fc.nat(2 ** 31).map(LogId),
      offset: fc.nat(Number.MAX_SAFE_INTEGER),
      sizeBytes: fc.nat(2 ** 31 - 1),
    }),
  ),
})

/** The bytes lie in the middle of others, as they do in what a socket reads. */
function publish(one: Given): Publication {
  const publication = new Publication()
  publication.origin = one.origin as Origin
  publication.addressTo(one.exchange, one.routingKey)
  publication.properties = Buffer.concat([Buffer.alloc(3, 1), one.properties, Buffer.alloc(3, 1)])
  publication.propertiesStart = 3
  publication.propertiesEnd = 3 + one.properties.length
  publication.body = Buffer.concat([Buffer.alloc(5, 2), one.body, Buffer.alloc(5, 2)])
  publication.bodyStart = 5
  publication.bodyEnd = 5 + one.body.length
  publication.key = one.key
  publication.ttlMs = one.ttlMs
  publication.priority = one.priority
  publication.annotations = one.annotations
  return publication
}

function pack(all: readonly Given[]): Buffer {
  const packer = new BatchPacker()
  const writer = new RecordWriter()
  const batch = new OpenBatch()
  for (const one of all) {
    const publication = publish(one)
    const delta = batch.count === 0 ? 0 : one.timestamp - batch.baseTimestamp
    const sizeBytes = writer.measure(publication, one.reference, delta, batch.count)
    expect(packer.reserve(batch, sizeBytes, one.timestamp)).toBe(true)
    const end = writer.write(batch.bytes, batch.at, publication, one.reference)
    expect(end).toBe(batch.at + sizeBytes)
    batch.wrote(end, one.timestamp)
  }
  return packer.finish(batch)
}

function show(view: StoredMessage): Omit<Given, 'reference'> & { offset: number } {
  return {
    offset: view.offset,
    origin: view.origin,
    exchange: view.exchange(),
    routingKey: view.routingKey(),
    properties: view.properties(),
    body: view.body.subarray(view.bodyStart, view.bodyEnd),
    key: view.key(),
    ttlMs: view.ttlMs,
    priority: view.priority,
    annotations: view.hasAnnotations ? Buffer.from(JSON.stringify(view.annotations())) : null,
    timestamp: view.timestamp,
  }
}

const few = fc.array(given, { minLength: 1, maxLength: 12 })

test('what is written is read again', () => {
  fc.assert(
    fc.property(few, all => {
      const reader = new MessageReader()
      const view = new StoredMessage()
      reader.open(pack(all))
      for (const [index, { reference, ...one }] of all.entries()) {
        expect(reader.find(index, view)).toBe(true)
        expect(reader.find(index, view)).toBe(true) // It stays where it is.
        expect(view.isBodyElsewhere).toBe(reference !== null)
        const shown = show(view)
        if (reference === null) expect(shown).toEqual({ offset: index, ...one })
        else expect(view.bodyBytes).toBe(20)
      }
      expect(reader.find(all.length, view)).toBe(false)
    }),
    { numRuns: 100 },
  )
})

test('to others they are records with one header', () => {
  fc.assert(
    fc.property(few, all => {
      const scanner = new RecordScanner(pack(all))
      for (const [index, one] of all.entries()) {
        expect(scanner.next()).toBe(true)
        expect(scanner.offset).toBe(index)
        expect(scanner.timestamp).toBe(one.timestamp)
        expect(scanner.key()).toEqual(one.key)
        if (one.reference === null) expect(scanner.value()).toEqual(one.body)
        expect(scanner.headers().map(header => header.key)).toEqual([''])
      }
      expect(scanner.next()).toBe(false)
    }),
    { numRuns: 100 },
  )
})

const plainRecord = fc.record({
  timestamp: fc.integer({ min: -1, max: 2 ** 45 }),
  key: fc.option(bytes(40)),
  value: fc.option(bytes(300)),
  headers: fc.array(fc.record({ key: fc.string(), value: fc.option(bytes(20)) }), { maxLength: 3 }),
})

test("records of Kafka's producers are read as the scanner reads them", () => {
  const batch = fc.tuple(
    fc.array(plainRecord, { minLength: 1, maxLength: 9 }),
    fc.constantFrom('none' as const, 'gzip' as const, 'lz4' as const),
    fc.integer({ min: 0, max: 2 ** 50 }),
  )
  fc.assert(
    fc.property(batch, ([records, compression, baseOffset]) => {
      const encoded = encodeBatch(records, { compression, baseOffset })
      const scanner = new RecordScanner(encoded)
      const reader = new MessageReader()
      const view = new StoredMessage()
      reader.open(encoded)
      while (scanner.next()) {
        expect(reader.find(scanner.offset, view)).toBe(true)
        expect(view).toMatchObject({
          offset: scanner.offset,
          timestamp: scanner.timestamp,
          origin: origins.kafka,
          headerCount: scanner.headerCount,
          ttlMs: -1,
          isBodyElsewhere: false,
        })
        expect(view.key()).toEqual(scanner.key())
        const value = view.body.subarray(view.bodyStart, view.bodyEnd)
        expect(value).toEqual(scanner.value() ?? Buffer.alloc(0))
        const headers = view.bytes.subarray(view.headersStart, view.headersEnd)
        expect(headers).toEqual(scanner.payload.subarray(scanner.headersStart, scanner.end))
      }
      expect(reader.find(baseOffset + records.length, view)).toBe(false)
    }),
    { numRuns: 200 },
  )
})

test('gaps are passed over, and control batches hold nothing', () => {
  const records = [3, 7, 8].map(offsetDelta => ({
    timestamp: 1,
    key: null,
    value: Buffer.of(offsetDelta),
    offsetDelta,
  }))
  const reader = new MessageReader()
  const view = new StoredMessage()
  reader.open(encodeBatch(records, { baseOffset: 100, lastOffsetDelta: 9 }))
  expect(reader.find(100, view) && view.offset).toBe(103)
  expect(reader.find(104, view) && view.offset).toBe(107)
  expect(reader.find(108, view) && view.offset).toBe(108)
  expect(reader.find(109, view)).toBe(false)
  reader.open(encodeBatch(records, { isControl: true }))
  expect(reader.find(0, view)).toBe(false)
})

test('damage is an error or another message, never a crash', () => {
  const good = encodeBatch([
    { timestamp: 1, key: Buffer.from('k'), value: Buffer.from('v') },
    { timestamp: 2, key: null, value: Buffer.alloc(300) },
  ])
  const change = fc.tuple(fc.integer({ min: 61, max: good.length - 1 }), fc.nat(255))
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (changes, isOurs) => {
        const batch = Buffer.from(good)
        if (isOurs) batch.writeInt16BE(0x4000, 21)
        for (const [position, byte] of changes) batch[position] = byte
        const reader = new MessageReader()
        const view = new StoredMessage()
        reader.open(batch)
        try {
          for (let offset = 0; reader.find(offset, view); offset = view.offset + 1) view.key()
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      },
    ),
    { numRuns: 2000 },
  )
})
