import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { FLAG, nodeYoungHeap } from './node-young-heap.ts'

test('young heap: its size is known', () => {
  expect(nodeYoungHeap.sizeBytes()).toBeGreaterThan(0)
})

/** V8 would only print that it does not know it, and the heap would grow. */
test('young heap: V8 has the flag that keeps it from growing', () => {
  const { stdout } = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' })
  expect(stdout).toContain(`${FLAG} (`)
})
