import { deepEqual, equal } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { BatchPacker, OpenBatch } from '../log/batch/index.ts'
import type { LogId } from '../log/store.ts'
import { WHOLE_MAX, whole } from '../lib/whole.ts'
import { EntryEncoder, EntryWords, type NewEntryId } from './entry-fields.ts'
import { entryMapping } from './entry-mapping.ts'
import { propertiesNone } from './common.ts'
import { MessageReader } from './message-reader.ts'
import { origins } from './origin.ts'
import { Publication } from './publication.ts'
import { RecordWriter } from './record-writer.ts'
import { StoredMessage } from './stored-message.ts'

const encoder = new EntryEncoder()

/** Stored, and seen as any reader sees it. */
function stored(texts: readonly string[], id: NewEntryId): StoredMessage {
  const bytes = Buffer.from(`#${texts.join('')}`, 'latin1')
  const starts: number[] = []
  const ends: number[] = []
  let at = 1
  for (const { length } of texts) {
    starts.push(at)
    ends.push((at += length))
  }
  const publication = new Publication()
  publication.origin = origins.redisStream
  encoder.begin(publication, id, 1234)
  encoder.write(publication, { bytes, starts, ends }, 0, texts.length)
  const packer = new BatchPacker()
  const writer = new RecordWriter()
  const batch = new OpenBatch()
  packer.reserve(batch, writer.measure(publication, null, 0, 0), publication.timestamp)
  batch.wrote(writer.write(batch.bytes, batch.at, publication, null), publication.timestamp)
  const reader = new MessageReader()
  const view = new StoredMessage()
  reader.open(packer.finish(batch))
  equal(reader.find(0, view), true)
  return view
}

function fieldsOf(message: StoredMessage): { id: NewEntryId; texts: string[] } {
  const words = new EntryWords()
  words.readId(message)
  words.readFields(message)
  const texts = Array.from({ length: words.wordCount }, (_, index) =>
    words.bytes(index).toString('latin1', words.start(index), words.end(index)),
  )
  return { id: { ms: words.ms, seq: words.seq, log: words.log as LogId }, texts }
}

const id: NewEntryId = { ms: 5, seq: 1, log: 7 as LogId }
const cases: [name: string, words: string, key: string | null, body: string, headers: object][] = [
  ['the only field is the body', 'name anna', null, 'anna', {}],
  ['also when it is called key', 'key anna', null, 'anna', {}],
  ['the only one beside a key', 'key k name anna', 'k', 'anna', {}],
  ['one of the usual names', 'a 1 message m b 2', null, 'm', { a: '1', b: '2' }],
  ['the first of the usual names', 'message m body b', null, 'b', { message: 'm' }],
  ['JSON of all where there is none', 'a 1 b 2 a 3', null, '{"a":"3","b":"2"}', {}],
  ['JSON without the key', 'a 1 key k b 2', 'k', '{"a":"1","b":"2"}', {}],
]
for (const [name, words, key, body, headers] of cases) {
  test(`entry fields: ${name}`, () => {
    const message = stored(words.split(' '), id)
    equal(message.key()?.toString() ?? null, key)
    equal(message.body.toString('utf8', message.bodyStart, message.bodyEnd), body)
    const common = entryMapping.toCommon(message.properties())
    deepEqual(Object.fromEntries(common.headers), headers)
    deepEqual(fieldsOf(message), { id, texts: words.split(' ') })
  })
}

test('entry fields: what was stored comes back, byte for byte', () => {
  const word = fc.string({ unit: 'binary-ascii', maxLength: 80 })
  const name = fc.oneof(word, fc.constantFrom('key', 'value', 'data', 'body', 'message'))
  const part = fc.bigInt({ min: 0n, max: WHOLE_MAX }).map(whole)
  const ids = fc.record({ ms: part, seq: part, log: fc.nat().map(log => log as LogId) })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, word), { minLength: 1, maxLength: 9 }),
      ids,
      (fields, of) => {
        const texts = fields.flat()
        const message = stored(texts, of)
        deepEqual(fieldsOf(message), { id: { ...of }, texts })
        const isPlain = typeof of.ms === 'number'
        equal(message.timestamp, isPlain ? of.ms : 1234)
      },
    ),
  )
})

test('entry fields: garbage is as good as nothing, and others properties are fields', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
      entryMapping.toCommon(Buffer.from(bytes))
    }),
  )
  const headers = new Map([['color', 'red']])
  const made = entryMapping.fromCommon({ ...propertiesNone, messageId: 'm1', headers })
  const back = entryMapping.toCommon(made).headers
  deepEqual(Object.fromEntries(back), { 'message-id': 'm1', 'delivery-mode': '1', color: 'red' })
})
