import { expect, test } from 'vitest'
import { BatchPacker, OpenBatch } from '../log/batch/index.ts'
import type { LogId } from '../log/store.ts'
import { EntryEncoder, type NewEntryId } from './entry-fields.ts'
import { decodeJobProperties, encodeJobProperties } from './job-properties.ts'
import { origins } from './origin.ts'
import { Publication } from './publication.ts'
import { RecordWriter } from './record-writer.ts'

/* There are data folders with these bytes: see docs/formats/message.md. They never change. */

const BATCH_HEADER_BYTES = 61
const hexOf = (groups: string): string => groups.replaceAll(' ', '')
const text = (value: string): string => Buffer.from(value).toString('hex')

/** One record as it lies in a batch. */
function recordOf(publication: Publication): string {
  const packer = new BatchPacker()
  const writer = new RecordWriter()
  const batch = new OpenBatch()
  packer.reserve(batch, writer.measure(publication, null, 0, 0), 1000)
  batch.wrote(writer.write(batch.bytes, batch.at, publication, null), 1000)
  return packer.finish(batch).toString('hex', BATCH_HEADER_BYTES)
}

function entry(fields: string, id: NewEntryId): Publication {
  const words = fields.split(' ')
  const starts: number[] = []
  const ends: number[] = []
  let at = 0
  for (const { length } of words) {
    starts.push(at)
    ends.push((at += length))
  }
  const publication = new Publication()
  publication.origin = origins.redisStream
  publication.addressTo('', 's')
  const encoder = new EntryEncoder()
  encoder.begin(publication, id, 1000)
  encoder.write(publication, { bytes: Buffer.from(words.join('')), starts, ends }, 0, words.length)
  return publication
}

const propertiesOf = (publication: Publication): string =>
  publication.properties.toString('hex', 0, publication.propertiesEnd)

test('origins keep their numbers', () => {
  expect(origins).toEqual({ kafka: 0, amqp091: 1, redis: 2, redisStream: 3, disque: 4 })
})

test('an element of a list is a record with an envelope without properties', () => {
  const element = new Publication()
  element.origin = origins.redis
  element.addressTo('', 'l')
  element.body = Buffer.from('tea')
  element.bodyEnd = 3
  const envelope = `02 00 00 01 ${text('l')}`
  expect(recordOf(element)).toBe(hexOf(`20 00 00 00 01 06 ${text('tea')} 02 00 0a ${envelope}`))
})

test('an entry: sequence, log, body, key, and the fields', () => {
  const publication = entry('a 1 message tea key k', { ms: 5, seq: 3, log: 7 as LogId })
  const fields = `02 ${text('a')} 02 ${text('1')} 0e ${text('message')} 06 ${text('key')}`
  expect(propertiesOf(publication)).toBe(hexOf(`00 06 0e 02 04 06 ${fields}`))
  expect(publication.timestamp).toBe(5)
  expect(publication.key?.toString()).toBe('k')
})

test('an entry without a body, with an id that no record can say', () => {
  const id = { ms: 2n ** 63n, seq: 2n ** 64n - 1n, log: 7 as LogId }
  const publication = entry('a 1 b 2', id)
  const front = '03 8000000000000000 ffffffffffffffff 0e 01 01 04'
  const fields = `02 ${text('a')} 02 ${text('1')} 02 ${text('b')} 02 ${text('2')}`
  expect(propertiesOf(publication)).toBe(hexOf(`${front} ${fields}`))
  expect(publication.body.toString()).toBe('{"a":"1","b":"2"}')
  expect(publication.timestamp).toBe(1000)
})

test('a job: retry, time to live, delay, and when it was made', () => {
  const job = { retry: 300, ttl: 86_400, delay: 5, createdAt: 1_700_000_000_000.25 }
  const bytes = encodeJobProperties(job)
  expect(bytes.toString('hex')).toBe(hexOf('0000012c 00015180 00000005 4278bcfe56800400'))
  expect(decodeJobProperties(bytes, 0, bytes.length)).toEqual(job)
})
