import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Content, isDump, load, save } from './index.ts'

// What redis-server 7.0.15 answers to DUMP.
const dumps: [name: string, hex: string, content: Content][] = [
  ['a string', '000568656c6c6f0a006372df766534200a', text('hello')],
  ['a number', '00c1d2040a00008708a144825ced', text('1234')],
  [
    'a packed string',
    '00c30a4067016161e05900026263640a00c92b4908154c88bb',
    text(`${'a'.repeat(100)}bcd`),
  ],
  [
    'a list',
    '120102404c4c00000006008161020101ded402f270110104ac6c6f6e6720656c656d656e74206f66206d6f7265' +
      '207468616e20612066657720627974657320746f207365652df4351cdcdf0200000009ff' +
      '0a0097118060c5b80b78',
    {
      type: 'list',
      elements: [
        'a',
        '1',
        '-300',
        '70000',
        'long element of more than a few bytes to see',
        '12345678901',
      ],
    },
  ],
  [
    'a set of numbers',
    '0b0e0200000003000000fbff010002000a00492eed6ec0078cef',
    { type: 'set', members: ['-5', '1', '2'] },
  ],
  [
    'a set of larger numbers',
    '0b10040000000200000001000000a08601000a00d7b548c007796515',
    { type: 'set', members: ['1', '100000'] },
  ],
  [
    'a set of long numbers',
    '0b180800000002000000010000000000000000e40b54020000000a00d9ebbecf4de6277b',
    { type: 'set', members: ['1', '10000000000'] },
  ],
  ['a set', '020101610a006296e97e44d21a6d', { type: 'set', members: ['a'] }],
  [
    'a sorted set',
    '111d1d0000000600816202842d696e660581610283312e35048163020301ff0a002970c58fcde6fc31',
    {
      type: 'zset',
      scores: [
        ['b', -Infinity],
        ['a', 1.5],
        ['c', 3],
      ],
    },
  ],
  [
    'a hash',
    '1012120000000400816602817602816e020501ff0a008490939f57b4f3c2',
    { type: 'hash', pairs: ['f', 'v', 'n', '5'], expiry: [] },
  ],
  [
    'a hash with a long value',
    '04010166c3094046017878e039000178780a003e6c955f2e52e7c1',
    { type: 'hash', pairs: ['f', 'x'.repeat(70)], expiry: [] },
  ],
  [
    'a sorted set with a long member',
    '0501c3094046017979e03900017979000000000000f03f0a005361ac7ed4db5187',
    { type: 'zset', scores: [['y'.repeat(70), 1]] },
  ],
]

function text(value: string): Content {
  return { type: 'string', bytes: Buffer.from(value) }
}

for (const [name, hex, content] of dumps) {
  test(`rdb: ${name} as Redis dumps it`, () => {
    const bytes = Buffer.from(hex, 'hex')
    expect(isDump(bytes)).toBe(true)
    expect(load(bytes)).toEqual(content)
  })
}

const texts = fc.string({ unit: fc.constantFrom('a', '\xff', '\0', '9'), maxLength: 80 })
const contents: fc.Arbitrary<Content> = fc.oneof(
  fc.record({
    type: fc.constant('string'),
    bytes: fc.uint8Array({ maxLength: 20_000 }).map(bytes => Buffer.from(bytes)),
  }),
  fc.record({ type: fc.constant('list'), elements: fc.array(texts, { maxLength: 100 }) }),
  fc.record({ type: fc.constant('set'), members: fc.array(texts) }),
  fc.record({
    type: fc.constant('zset'),
    scores: fc.array(fc.tuple(texts, fc.double({ noNaN: true }))),
  }),
  fc
    .uniqueArray(fc.tuple(texts, texts, fc.option(fc.integer({ min: 1, max: 2 ** 45 }))), {
      selector: ([field]) => field,
    })
    .map(fields => ({
      type: 'hash' as const,
      pairs: fields.flatMap(([field, value]) => [field, value]),
      expiry: fields.flatMap(([field, , time]): [string, number][] =>
        time === null ? [] : [[field, time]],
      ),
    })),
)

test('rdb: what is saved is loaded', () => {
  fc.assert(
    fc.property(contents, content => {
      const bytes = save(content)
      expect(isDump(bytes)).toBe(true)
      expect(load(bytes)).toEqual(content)
    }),
  )
})

test('rdb: a changed byte is noticed', () => {
  const bytes = save(text('hello'))
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = bytes[at]! ^ 1
    expect(isDump(bytes)).toBe(false)
    bytes[at] = bytes[at]! ^ 1
  }
})

test('rdb: garbage is refused, never a crash', () => {
  const garbage = fc.oneof(
    fc.uint8Array({ minLength: 11, maxLength: 64 }).map(bytes => Buffer.from(bytes)),
    fc.tuple(fc.constantFrom(...dumps), fc.nat(), fc.nat(255)).map(([[, hex], at, byte]) => {
      const bytes = Buffer.from(hex, 'hex')
      bytes[at % bytes.length] = byte
      return bytes
    }),
  )
  fc.assert(
    fc.property(garbage, bytes => {
      try {
        load(bytes)
      } catch (error) {
        expect((error as Error).name).toBe('MalformedError')
      }
    }),
    { numRuns: 5000 },
  )
})
