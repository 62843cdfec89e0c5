import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteReader, ByteWriter, MalformedError } from '../../../lib/bytes/index.ts'
import { type DraftOf, type Fields, type FieldType, type Method, methods } from '../schema/index.ts'
import { type FieldTable, type FieldValue, readTable, writeTable } from './field-table.ts'
import { jsonOf } from './json.ts'
import { methodFrame, readMethod } from './method.ts'

const written = (table: FieldTable): Buffer => {
  const writer = new ByteWriter()
  writeTable(writer, table)
  return writer.finish()
}

const bytes = fc.uint8Array({ maxLength: 20 }).map(data => Buffer.from(data))
const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max })
const shortText = fc.string({ unit: 'grapheme', maxLength: 20 })

const narrow = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

const scalars = fc.oneof(
  fc.record({ type: fc.constant('longstr'), value: shortText }),
  fc.record({ type: fc.constant('binary'), value: bytes }),
  fc.record({ type: fc.constant('bool'), value: fc.boolean() }),
  fc.record({ type: fc.constant('void'), value: fc.constant(null) }),
  fc.record({ type: fc.constant('byte'), value: int(-128, 127) }),
  fc.record({ type: fc.constant('unsignedbyte'), value: int(0, 255) }),
  fc.record({ type: fc.constant('short'), value: int(-32_768, 32_767) }),
  fc.record({ type: fc.constant('unsignedshort'), value: int(0, 65_535) }),
  fc.record({ type: fc.constant('signedint'), value: int(-(2 ** 31), 2 ** 31 - 1) }),
  fc.record({ type: fc.constant('unsignedint'), value: int(0, 2 ** 32 - 1) }),
  fc.record({
    type: fc.constant('long'),
    value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(narrow),
  }),
  fc.record({
    type: fc.constant('timestamp'),
    value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(narrow),
  }),
  fc.record({ type: fc.constant('float'), value: fc.float() }),
  fc.record({ type: fc.constant('double'), value: fc.double() }),
  fc.record({
    type: fc.constant('decimal'),
    value: fc.record({ scale: int(0, 255), unscaled: int(0, 2 ** 32 - 1) }),
  }),
) as fc.Arbitrary<FieldValue>

const tables = fc.letrec<{ table: FieldTable; value: FieldValue }>(tie => ({
  table: fc
    .array(fc.tuple(fc.string({ maxLength: 20 }), tie('value')), { maxLength: 5 })
    .map(entries => new Map(entries)),
  value: fc.oneof(
    { maxDepth: 4 },
    scalars,
    tie('table').map((value): FieldValue => ({ type: 'table', value })),
    fc.array(tie('value'), { maxLength: 4 }).map((value): FieldValue => ({ type: 'array', value })),
  ),
})).table

/** As RabbitMQ's wiki lists the types; every row is one field named "k". */
const vectors: [hex: string, value: FieldValue][] = [
  ['53 00000001 76', { type: 'longstr', value: 'v' }],
  ['53 00000001 ff', { type: 'longstr', value: Buffer.of(0xff) }],
  ['78 00000001 76', { type: 'binary', value: Buffer.from('v') }],
  ['74 01', { type: 'bool', value: true }],
  ['74 07', { type: 'bool', value: true }],
  ['56', { type: 'void', value: null }],
  ['62 ff', { type: 'byte', value: -1 }],
  ['42 ff', { type: 'unsignedbyte', value: 255 }],
  ['73 ffff', { type: 'short', value: -1 }],
  ['75 ffff', { type: 'unsignedshort', value: 65_535 }],
  ['49 ffffffff', { type: 'signedint', value: -1 }],
  ['69 ffffffff', { type: 'unsignedint', value: 4_294_967_295 }],
  ['6c ffffffffffffffff', { type: 'long', value: -1 }],
  // RabbitMQ reads L as signed, too.
  ['4c ffffffffffffffff', { type: 'long', value: -1 }],
  ['6c 7fffffffffffffff', { type: 'long', value: 2n ** 63n - 1n }],
  ['54 0000000065900d80', { type: 'timestamp', value: 1_703_939_456 }],
  ['66 3fc00000', { type: 'float', value: 1.5 }],
  ['64 3ff8000000000000', { type: 'double', value: 1.5 }],
  ['44 02 0000007b', { type: 'decimal', value: { scale: 2, unscaled: 123 } }],
  ['46 00000000', { type: 'table', value: new Map() }],
  ['41 00000002 7400', { type: 'array', value: [{ type: 'bool', value: false }] }],
]

describe('field tables', () => {
  test.each(vectors)('%s', (hex, value) => {
    const field = Buffer.from(`016b${hex.replaceAll(' ', '')}`, 'hex')
    const size = Buffer.alloc(4)
    size.writeUInt32BE(field.length)
    const table = readTable(new ByteReader(Buffer.concat([size, field])))
    expect([...table]).toEqual([['k', value]])
  })

  test('what was written is read', () => {
    fc.assert(
      fc.property(tables, table => {
        expect(readTable(new ByteReader(written(table)))).toEqual(table)
      }),
    )
  })

  test('of two fields of one name the first counts', () => {
    const field = Buffer.from('016b7401', 'hex')
    const other = Buffer.from('016b7400', 'hex')
    const all = Buffer.concat([Buffer.of(0, 0, 0, 8), field, other])
    expect(readTable(new ByteReader(all)).get('k')).toEqual({ type: 'bool', value: true })
  })

  test.each([
    ['an unknown type', '00000003 016b 7a'],
    ['a length beyond the end', '00000009 016b 53 00000009 61'],
    ['a field that leaves its table', '00000007 016b 53 00000005 6162636465'],
    ['too many levels', tableInTable(100)],
  ])('%s is refused', (_name, hex) => {
    const reader = new ByteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    expect(() => readTable(reader)).toThrow(MalformedError)
  })

  test('garbage is refused, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), data => {
        try {
          const table = readTable(new ByteReader(Buffer.from(data)))
          JSON.stringify(jsonOf(table))
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('as JSON', () => {
    const table = new Map<string, FieldValue>([
      ['x-max-length', { type: 'signedint', value: 5 }],
      ['x-overflow', { type: 'longstr', value: 'drop-head' }],
      ['x-single-active-consumer', { type: 'bool', value: true }],
      ['far', { type: 'long', value: 2n ** 62n }],
      ['list', { type: 'array', value: [{ type: 'void', value: null }] }],
      ['__proto__', { type: 'table', value: new Map([['a', { type: 'byte', value: 1 }]]) }],
    ])
    expect(JSON.stringify(jsonOf(table))).toBe(
      '{"x-max-length":5,"x-overflow":"drop-head","x-single-active-consumer":true,' +
        '"far":"4611686018427387904","list":[null],"__proto__":{"a":1}}',
    )
  })
})

function tableInTable(levels: number): string {
  let inner = Buffer.alloc(4)
  for (let level = 0; level < levels; level++) {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(inner.length + 3)
    inner = Buffer.concat([size, Buffer.from('016b46', 'hex'), inner])
  }
  return inner.toString('hex')
}

const valuesOf: { readonly [Type in FieldType]: fc.Arbitrary<unknown> } = {
  bit: fc.boolean(),
  octet: int(0, 255),
  short: int(0, 65_535),
  long: int(0, 2 ** 32 - 1),
  longlong: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(narrow),
  shortstr: shortText,
  longstr: bytes,
  table: tables,
}

describe('methods', () => {
  test('there are as many as RabbitMQ has', () => {
    const names = methods.map(({ name }) => name)
    expect(names.length).toBe(66)
    expect(new Set(methods.map(({ key }) => key)).size).toBe(names.length)
  })

  test.each(methods.map((method): [string, Method] => [method.name, method]))(
    '%s: what was written is read',
    (_name, method) => {
      const fields = fc.record(
        Object.fromEntries(
          Object.entries(method.fields).map(([name, type]) => [name, valuesOf[type]]),
        ),
      )
      fc.assert(
        fc.property(fields, draft => {
          const frame = methodFrame(7, method, draft as DraftOf<Fields>)
          expect(frame.readUInt16BE(1)).toBe(7)
          expect(frame.readUInt32BE(3)).toBe(frame.length - 8)
          expect(frame.readInt32BE(7)).toBe(method.key)
          expect(readMethod(method, frame, 11, frame.length - 1)).toEqual(draft)
        }),
        { numRuns: 20 },
      )
    },
  )

  test('garbage is refused, never a crash', () => {
    const some = fc.constantFrom(...methods)
    fc.assert(
      fc.property(some, fc.uint8Array({ maxLength: 64 }), (method, data) => {
        try {
          readMethod(method, Buffer.from(data), 0, data.length)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('a text too long for a short string is cut between characters', () => {
    const close = methods.find(({ name }) => name === 'connection.close')!
    const replyText = `${'a'.repeat(254)}é`
    const draft = { replyCode: 1, replyText, classId: 0, methodId: 0 } as DraftOf<Fields>
    const frame = methodFrame(0, close, draft)
    const read = readMethod(close, frame, 11, frame.length - 1)
    expect(read['replyText']).toBe('a'.repeat(254))
  })
})
