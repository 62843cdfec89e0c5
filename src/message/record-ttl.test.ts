import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeBatch } from '../log/batch/index.ts'
import { MessageReader } from './message-reader.ts'
import { ttlMsIn } from './record-ttl.ts'
import { StoredMessage } from './stored-message.ts'

type Header = { key: string; value: Buffer | null }

function ttlOf(headers: readonly Header[]): number {
  const records = [{ key: null, value: Buffer.from('body'), headers, timestamp: 1 }]
  const reader = new MessageReader()
  const view = new StoredMessage()
  reader.open(encodeBatch(records, {}))
  reader.find(0, view)
  return view.ttlMs
}

const expiration = (text: string): Header => ({ key: 'expiration', value: Buffer.from(text) })

const told: [Header[], number][] = [
  [[], -1],
  [[expiration('0')], 0],
  [[expiration('60000')], 60_000],
  [[expiration('999999999999999')], 999_999_999_999_999],
  [[expiration('9999999999999999')], -1],
  [[expiration('')], -1],
  [[expiration('-1')], -1],
  [[expiration('1.5')], -1],
  [[expiration('soon')], -1],
  [[{ key: 'expiration', value: null }], -1],
  [[{ key: 'expirations', value: Buffer.from('5') }], -1],
  [[{ key: 'explosion!', value: Buffer.from('5') }], -1],
  [[expiration('5'), expiration('6')], 6],
]

test.each(told)('%j: %i ms', (headers, ttlMs) => {
  expect(ttlOf(headers)).toBe(ttlMs)
})

test('it is found among any others', () => {
  const other = fc.record({
    key: fc.string({ maxLength: 200 }).filter(name => name !== 'expiration'),
    value: fc.option(fc.uint8Array({ maxLength: 300 }).map(data => Buffer.from(data))),
  })
  const others = fc.array(other, { maxLength: 5 })
  fc.assert(
    fc.property(others, fc.nat(), others, (before, ttlMs, after) => {
      expect(ttlOf([...before, expiration(String(ttlMs)), ...after])).toBe(ttlMs)
      expect(ttlOf([...before, ...after])).toBe(-1)
    }),
  )
})

test('bytes that are no headers have none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), data => {
      expect(ttlMsIn(Buffer.from(data), 0, data.length)).toBeLessThan(10 ** 15)
    }),
  )
})
