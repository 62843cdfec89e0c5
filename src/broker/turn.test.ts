import { expect, test } from 'vitest'
import { InvariantError } from '../lib/assert.ts'
import type { Runtime } from './runtime.ts'
import { Turn } from './turn.ts'

test('turn: what fails on the way to the log is nothing a connection may get over', () => {
  const turn = new Turn({ timers: { soon: () => {} } } as unknown as Runtime)
  turn.add('pack', () => {
    throw new Error('half of it is there')
  })
  expect(() => turn.flush()).toThrow(InvariantError)
})
