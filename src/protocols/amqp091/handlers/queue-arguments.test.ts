import { expect, test } from 'vitest'
import type { FieldValue } from '../codec/index.ts'
import { checkQueueArguments } from './queue-arguments.ts'

const queue = { kind: 'queue', name: 'q', namespace: '/' } as const
const text = (value: string): FieldValue => ({ type: 'longstr', value })
const int = (value: number): FieldValue => ({ type: 'signedint', value })

const wrong: [string, FieldValue, string][] = [
  ['x-delivery-limit', text('three'), '"expected integer, got longstr"'],
  ['x-delayed-retry-type', text('sometimes'), 'invalid_delayed_retry_type'],
  ['x-delayed-retry-type', int(1), '{unacceptable_type,signedint}'],
  ['x-delayed-retry-min', int(0), '{value_zero,0}'],
  ['x-delayed-retry-max', int(-1), '{value_negative,-1}'],
]

test.each(wrong)('%s: %j is refused, of classic and quorum queues', (name, field, flaw) => {
  for (const type of ['classic', 'quorum'] as const)
    expect(() => checkQueueArguments(queue, new Map([[name, field]]), type)).toThrow(
      `invalid arg '${name}' for queue 'q' in vhost '/': ${flaw}`,
    )
})

test('no limit and usual retries are fine', () => {
  const args = new Map<string, FieldValue>([
    ['x-delivery-limit', int(-1)],
    ['x-delayed-retry-type', text('failed')],
    ['x-delayed-retry-min', int(1)],
    ['x-quorum-target-group-size', int(3)],
  ])
  expect(() => checkQueueArguments(queue, args, 'quorum')).not.toThrow()
})
