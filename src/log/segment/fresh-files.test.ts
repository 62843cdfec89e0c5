import { expect, test } from 'vitest'
import { limits } from '../../limits/limits.ts'
import { FreshFiles } from './fresh-files.ts'

test('fresh files: of so many bytes, the ones that were written last', () => {
  const fresh = new FreshFiles()
  for (const file of [1, 2, 3]) fresh.add(file, limits.freshSegmentBytesMax / 2)
  expect([1, 2, 3, 4].filter(file => fresh.has(file))).toEqual([2, 3])
})
