import { expect, test } from 'vitest'
import { CommandError } from './error.ts'
import { formatOf, type Received } from './format.ts'

const received: Received = {
  topic: 'orders',
  partition: 3,
  record: {
    offset: 42,
    timestamp: 1_700_000_000_000,
    key: Buffer.from('k1'),
    value: Buffer.from('größe'),
    headers: [
      { key: 'a', value: Buffer.from('1') },
      { key: 'b', value: null },
    ],
  },
}

test.each([
  ['value', 'größe\n'],
  ['%k %v', 'k1 größe\n'],
  ['%t[%p]@%o', 'orders[3]@42\n'],
  ['%k\\t%v\\n', 'k1\tgröße\n'],
  ['%v\\0', 'größe\0'],
  ['100%% %K/%V %T', '100% 2/7 1700000000000\n'],
  ['%h', 'a=1,b=\n'],
  ['\\q', '\\q\n'],
])('format %j', (format, expected) => {
  expect(String(formatOf(format)(received))).toBe(expected)
})

test('json: text as text, other bytes as base64', () => {
  const { record } = received
  const binary = { ...received, record: { ...record, key: null, value: Buffer.from([0xff]) } }
  expect(JSON.parse(String(formatOf('json')(binary)))).toEqual({
    topic: 'orders',
    partition: 3,
    offset: 42,
    timestamp: 1_700_000_000_000,
    key: null,
    valueBase64: '/w==',
    headers: [
      { name: 'a', value: '1' },
      { name: 'b', value: null },
    ],
  })
})

test('a field nobody knows is refused', () => {
  expect(() => formatOf('%z')).toThrow(CommandError)
})
