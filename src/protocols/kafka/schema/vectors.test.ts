import { readdirSync, readFileSync } from 'node:fs'
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { ByteReader, ByteWriter } from '../../../lib/bytes/index.ts'
import { apiOf, apis, requestCodec, responseCodec, type Api, type Codec } from './index.ts'

/** Bytes from the official client, see tools/kafka-vectors. */
const folder = new URL('../vectors/', import.meta.url)
const lines = readdirSync(folder).flatMap(name =>
  readFileSync(new URL(name, folder), 'utf8').trim().split('\n'),
)

type Vector = { readonly name: string; readonly codec: Codec<unknown>; readonly text: string }

const vectors: Vector[] = lines.map(line => {
  const [key, version, direction, ...rest] = line.split(' ')
  const codec = codecOf(apiOf(Number(key))!, Number(version), direction!)
  return { name: `${key} ${version} ${direction}`, codec, text: rest.join(' ') }
})

function codecOf(api: Api, version: number, direction: string): Codec<unknown> {
  const codec = direction === 'request' ? requestCodec(api, version) : responseCodec(api, version)
  return codec as unknown as Codec<unknown> // What it reads is what it writes.
}

test('kafka messages: there are vectors of every version of every API', () => {
  const expected = apis.flatMap(({ key, versions: [first, last] }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap(version => [
      `${key} ${version} request`,
      `${key} ${version} response`,
    ]),
  )
  deepEqual([...new Set(vectors.map(vector => vector.name))].toSorted(), expected.toSorted())
})

describe('kafka messages: what the official client writes is read and written the same', () => {
  for (const { name, codec, text } of vectors.filter(vector => !vector.text.startsWith('{'))) {
    test(`${name} ${text.slice(0, 16)}`, () => {
      const reader = new ByteReader(Buffer.from(text, 'hex'))
      const value = codec.read(reader)
      equal(reader.left, 0)
      const writer = new ByteWriter()
      codec.write(writer, value)
      equal(writer.finish().toString('hex'), text)
    })
  }
})

describe('kafka messages: fields have the names and values that the official client gives', () => {
  for (const { name, codec, text } of vectors.filter(vector => vector.text.startsWith('{'))) {
    test(name, () => {
      const hex = vectors.find(vector => vector.name === name)!.text
      compare(codec.read(new ByteReader(Buffer.from(hex, 'hex'))), JSON.parse(text), name)
    })
  }
})

/** The client's JSON leaves out what has its default, and says bytes in base64. */
function compare(ours: unknown, theirs: unknown, path: string): void {
  if (path.endsWith('.records'))
    equal(theirs, '') // The client leaves these out, too.
  else if (Buffer.isBuffer(ours)) equal(ours.toString('base64'), theirs, path)
  else if (Array.isArray(theirs)) {
    equal((ours as unknown[]).length, theirs.length, path)
    for (const [index, item] of theirs.entries())
      compare((ours as unknown[])[index], item, `${path}.${index}`)
  } else if (theirs !== null && typeof theirs === 'object')
    for (const [name, value] of Object.entries(theirs))
      compare((ours as Record<string, unknown>)[name], value, `${path}.${name}`)
  else equal(ours, theirs, path)
}
