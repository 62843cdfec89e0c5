import { equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'vitest'
import { compatText } from '../tools/compat.ts'

test('COMPAT.md says what is served (npm run compat writes it)', () => {
  equal(readFileSync('COMPAT.md', 'utf8'), compatText())
})
