import { expect, test } from 'vitest'
import type { StreamStart } from '../../../../broker/stream/index.ts'
import type { FieldTable, FieldValue } from '../../codec/index.ts'
import { streamFilterSpec, streamStart } from './consume-arguments.ts'

const NOW = 1_700_000_000_000
const table = (entries: Record<string, FieldValue>): FieldTable => new Map(Object.entries(entries))
const longstr = (value: string): FieldValue => ({ type: 'longstr', value })

const starts: [FieldValue | null, StreamStart][] = [
  [null, { kind: 'next' }],
  [longstr('first'), { kind: 'first' }],
  [longstr('last'), { kind: 'last' }],
  [longstr('next'), { kind: 'next' }],
  [
    { type: 'long', value: 42 },
    { kind: 'offset', offset: 42 as never },
  ],
  [
    { type: 'signedint', value: 0 },
    { kind: 'offset', offset: 0 as never },
  ],
  [
    { type: 'timestamp', value: 1_600_000_000 },
    { kind: 'time', millis: 1_600_000_000_000 },
  ],
  [longstr('1h'), { kind: 'time', millis: NOW - 3_600_000 }],
  [longstr('7D'), { kind: 'time', millis: NOW - 7 * 24 * 3_600_000 }],
  [longstr('30s'), { kind: 'time', millis: NOW - 30_000 }],
]

test.each(starts)('x-stream-offset: %j begins at %j', (field, start) => {
  const args = field === null ? table({}) : table({ 'x-stream-offset': field })
  expect(streamStart(args, "queue 's' in vhost '/'", NOW)).toEqual(start)
})

test.each([
  [longstr('tomorrow'), '{longstr,<<"tomorrow">>}'],
  [longstr('1w'), '{longstr,<<"1w">>}'],
  [{ type: 'bool', value: true } as const, '{bool,true}'],
  [{ type: 'long', value: -1 } as const, '{long,-1}'],
])('x-stream-offset: %j is refused', (field, shown) => {
  const args = table({ 'x-stream-offset': field })
  expect(() => streamStart(args, "queue 's' in vhost '/'", NOW)).toThrow(
    "invalid arg 'x-stream-offset' for queue 's' in vhost '/': " +
      `{invalid_stream_offset_arg,${shown}}`,
  )
})

test.each([
  [table({}), null],
  [table({ 'x-stream-filter': longstr('a') }), { values: ['a'], matchUnfiltered: false }],
  [
    table({
      'x-stream-filter': { type: 'array', value: [longstr('a'), longstr('b')] },
      'x-stream-match-unfiltered': { type: 'bool', value: true },
    }),
    { values: ['a', 'b'], matchUnfiltered: true },
  ],
])('x-stream-filter: %j asks for %j', (args, spec) => {
  expect(streamFilterSpec(args)).toEqual(spec)
})
