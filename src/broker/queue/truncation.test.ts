import { expect, test } from 'vitest'
import { Offset } from '../../lib/brand.ts'
import { type Log, LogId } from '../../log/store.ts'
import type { Runtime } from '../runtime.ts'
import type { QueueState } from './queue-state.ts'
import { Truncation } from './truncation.ts'

test('truncation: a log that cannot be read is told, and nothing of it is cut', async () => {
  const said: [facts: object, message: string][] = []
  const error = new Error('damaged')
  const log = {
    ...{ id: LogId(1), startOffset: Offset(0), endOffset: Offset(10), confirmedEnd: Offset(10) },
    ...{ sizeBytes: 10 * 1024 * 1024, findByTime: () => Promise.reject(error) },
  } as Partial<Log> as Log
  const queue = {
    ...{ isNoted: false, isDeleted: false, isStream: false, ownsTopic: true },
    spec: { namespace: '/', name: 'q' },
    settings: { retentionMs: 1000, retentionBytes: null },
    topic: { partitions: [{ log }] },
    lanes: { all: [{ releasable: 10 }] },
  } as unknown as QueueState
  const runtime = {
    clock: { now: () => 0 },
    store: { reliefRefusal: null, truncateBefore: () => expect.unreachable() },
    logger: { warn: (...line: [object, string]) => void said.push(line) },
  } as unknown as Runtime
  const truncation = new Truncation(runtime, () => [queue])
  truncation.note(queue)
  truncation.run()
  await new Promise(resolve => setImmediate(resolve))
  expect(said).toEqual([[{ namespace: '/', queue: 'q', error }, expect.stringMatching(/stays/)]])
})
