import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Content, propertyFlag, withoutBcc, withReplyTo } from './content.ts'
import type { FieldTable, FieldValue } from '../../codec/index.ts'
import { noProperties, type Properties, readProperties, writeProperties } from './properties.ts'

const longstr = (value: string): FieldValue => ({ type: 'longstr', value })
const list = (...values: string[]): FieldValue => ({ type: 'array', value: values.map(longstr) })

function isReadable(bytes: Buffer): boolean {
  try {
    readProperties(bytes)
    return true
  } catch {
    return false
  }
}

function nested(depth: number, kind: 'array' | 'table'): FieldValue {
  let value: FieldValue = { type: 'void', value: null }
  for (let level = 0; level < depth; level++)
    value =
      kind === 'array'
        ? { type: 'array', value: [value] }
        : { type: 'table', value: new Map([['x', value]]) }
  return value
}

test.each([1, 10, 60, 61, 62, 63, 64, 65, 66, 200])(
  'content: what is taken in can be read again, %d levels deep',
  depth => {
    for (const kind of ['array', 'table'] as const) {
      const headers: FieldTable = new Map([['deep', nested(depth, kind)]])
      const bytes = writeProperties({ ...noProperties, headers })
      expect(new Content().scan(bytes, 0, bytes.length)).toBe(isReadable(bytes))
    }
  },
)

test('content: takes exactly those property lists that can be read', () => {
  const flags = Object.values(propertyFlag)
  const some = fc.subarray(flags).map(chosen => chosen.reduce((sum, flag) => sum | flag, 0))
  const shortstr = fc.uint8Array({ maxLength: 4 }).map(bytes => [bytes.length, ...bytes])
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 9 }).map(bytes => [...bytes]),
    shortstr,
  )
  const header = fc.tuple(shortstr, fc.constantFrom(...Array.from('SxFAtVbBsuIilLfdDT?')), part)
  const table = fc.array(header, { maxLength: 3 }).map(entries => {
    const bytes = entries.flatMap(([name, type, value]) => [
      ...name,
      type.charCodeAt(0),
      ...('SxFA'.includes(type) ? [0, 0, 0, value.length] : []),
      ...value,
    ])
    return [0, 0, 0, bytes.length, ...bytes]
  })
  fc.assert(
    fc.property(some, fc.array(fc.oneof(part, table), { maxLength: 8 }), (bits, parts) => {
      const bytes = Buffer.from([bits >>> 8, bits & 0xff, ...parts.flat()])
      expect(new Content().scan(bytes, 0, bytes.length)).toBe(isReadable(bytes))
    }),
    { numRuns: 2000 },
  )
})

const all: Properties = {
  contentType: 'text/plain',
  contentEncoding: 'gzip',
  headers: new Map([
    ['a', longstr('1')],
    ['BCC', list('b')],
    ['z', longstr('2')],
  ]),
  deliveryMode: 2,
  priority: 3,
  correlationId: 'c',
  replyTo: 'amq.rabbitmq.reply-to',
  expiration: '5',
  messageId: 'm',
  timestamp: 9,
  type: 't',
  userId: 'u',
  appId: 'a',
  clusterId: 'l',
}

test('content: BCC and reply-to are replaced, and nothing else', () => {
  const bytes = writeProperties(all)
  const content = new Content()
  expect(content.scan(bytes, 0, bytes.length)).toBe(true)
  const range = { start: 0, end: bytes.length }
  const replied = withReplyTo(bytes, range, content, Buffer.from('a-longer-name'.repeat(3)))
  const stripped = withoutBcc(replied, 0, replied.length, content)
  expect(readProperties(stripped)).toEqual({
    ...all,
    replyTo: 'a-longer-name'.repeat(3),
    headers: new Map([
      ['a', longstr('1')],
      ['z', longstr('2')],
    ]),
  })
})
