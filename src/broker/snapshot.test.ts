import { expect, test } from 'vitest'
import { decodeEvents, demandVersion, encodeEvents } from './snapshot.ts'

test('snapshots of events are JSON with a version', () => {
  const snapshot = encodeEvents([{ kind: 'made' }, { kind: 'gone', at: 1 }])
  expect(snapshot.toString()).toBe(
    '{"version":1,"events":[{"kind":"made"},{"kind":"gone","at":1}]}',
  )
  expect(decodeEvents('things', snapshot)).toEqual([{ kind: 'made' }, { kind: 'gone', at: 1 }])
})

test.each(['{"version":2,"events":[]}', '{"events":[]}'])('snapshots: %s is refused', text => {
  expect(() => decodeEvents('things', Buffer.from(text))).toThrow(
    /"things".* reads format 1\. Start/,
  )
})

test('snapshots: a version that is known is taken', () => {
  expect(() => demandVersion('things', 2, 2)).not.toThrow()
  expect(() => demandVersion('things', 3, 2)).toThrow('has format 3')
})
