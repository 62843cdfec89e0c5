import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idMax, idMin, WHOLE_MAX, type Whole, whole } from '../../../../broker/entries/index.ts'
import { Arguments } from '../../../../lib/resp/index.ts'
import { fromAt, idAt, looseIdAt, newIdAt, parsedId, toAt } from './ids.ts'

const wholes: fc.Arbitrary<Whole> = fc.bigInt({ min: 0n, max: WHOLE_MAX }).map(whole)
const word = (text: string): Arguments => Arguments.of([text])

test('every id is read as it is written', () => {
  fc.assert(
    fc.property(wholes, wholes, (ms, seq) => {
      expect(idAt(word(`${ms}-${seq}`), 0)).toEqual({ ms, seq })
      expect(idAt(word(`${ms}`), 0)).toEqual({ ms, seq: 0 })
      expect(newIdAt(word(`${ms}-*`), 0)).toEqual({ ms, seq: null })
    }),
  )
})

test('what is no id is none', () => {
  const none = ['', '-', '+', '*', '-1', '1-', '1-x', 'x', '1--1', '1-1-1', '1.5', '0x10', '(1']
  for (const text of none) expect(parsedId(word(text), 0, 0), text).toBeUndefined()
  expect(parsedId(word(`${WHOLE_MAX + 1n}-0`), 0, 0)).toBeUndefined()
  expect(parsedId(word(`0-${WHOLE_MAX + 1n}`), 0, 0)).toBeUndefined()
  expect(parsedId(word(`${'0'.repeat(127)}1-1`), 0, 0)).toBeUndefined()
  expect(() => newIdAt(word('x-*'), 0)).toThrow('Invalid stream ID')
})

test('numbers as C reads them', () => {
  expect(idAt(word('007-+8'), 0)).toEqual({ ms: 7, seq: 8 })
})

test('an interval has its ends, or begins and ends beside them', () => {
  expect(fromAt(word('-'), 0)).toEqual(idMin)
  expect(toAt(word('+'), 0)).toEqual(idMax)
  expect(toAt(word('5'), 0)).toEqual({ ms: 5, seq: WHOLE_MAX })
  expect(fromAt(word('(5'), 0)).toEqual({ ms: 5, seq: 1 })
  expect(fromAt(word(`(5-${WHOLE_MAX}`), 0)).toEqual({ ms: 6, seq: 0 })
  expect(toAt(word('(5-0'), 0)).toEqual({ ms: 4, seq: WHOLE_MAX })
  expect(() => fromAt(word(`(${WHOLE_MAX}-${WHOLE_MAX}`), 0)).toThrow('invalid start ID')
  expect(() => toAt(word('(0-0'), 0)).toThrow('invalid end ID')
  expect(() => fromAt(word('(-'), 0)).toThrow('Invalid stream ID')
  expect(looseIdAt(word('+'), 0)).toEqual(idMax)
})
