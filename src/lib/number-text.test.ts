import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDouble, parseDouble } from './float-text.ts'
import { parseInteger, parseIntegerText } from './integer-text.ts'

// From `printf('%.17g')`.
const formatted: [value: number, text: string][] = [
  [0, '0'],
  [-0, '-0'],
  [0.1, '0.10000000000000001'],
  [-1.5, '-1.5'],
  [3, '3'],
  [1e15, '1000000000000000'],
  [1e16, '10000000000000000'],
  [1e17, '1e+17'],
  [1.5e300, '1.5000000000000001e+300'],
  [1e-5, '1.0000000000000001e-05'],
  [0.0001, '0.0001'],
  [123456789012345.67, '123456789012345.67'],
  [5e-324, '4.9406564584124654e-324'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
]

for (const [value, text] of formatted) {
  test(`doubles: ${value} is written ${text}`, () => expect(formatDouble(value)).toBe(text))
}

test('doubles: what is written is read again', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), value => {
      expect(parseDouble(formatDouble(value))).toBe(value)
    }),
  )
})

test('doubles: what strtod reads', () => {
  const read: [text: string, value: number | undefined][] = [
    ['1', 1],
    ['+1.5', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['0x1F', 31],
    ['0x1.8p1', 3],
    ['inf', Infinity],
    ['-INFINITY', -Infinity],
    ['', undefined],
    [' 1', undefined],
    ['1 ', undefined],
    ['nan', undefined],
    ['1e400', undefined],
    ['1e-400', undefined],
    ['0e-400', 0],
    ['1,5', undefined],
    ['e5', undefined],
    ['.', undefined],
    ['0x', undefined],
  ]
  for (const [text, value] of read) expect([text, parseDouble(text)]).toEqual([text, value])
})

test('integers: one way to write each, in 64 bits', () => {
  const read: [text: string, value: number | bigint | undefined][] = [
    ['0', 0],
    ['-0', undefined],
    ['01', undefined],
    ['+1', undefined],
    ['', undefined],
    ['-', undefined],
    ['1.0', undefined],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854775807', 9223372036854775807n],
    ['9223372036854775808', undefined],
    ['-9223372036854775808', -9223372036854775808n],
    ['-9223372036854775809', undefined],
    ['12345678901234567890', undefined],
    ['1234567890123456x', undefined],
  ]
  for (const [text, value] of read) {
    expect([text, parseIntegerText(text)]).toEqual([text, value])
    const bytes = Buffer.from(`.${text}.`)
    expect([text, parseInteger(bytes, 1, bytes.length - 1)]).toEqual([text, value])
  }
})
