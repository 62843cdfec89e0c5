import { expect, test } from 'vitest'
import { limits } from '../../../../limits/limits.ts'
import { busyDisk, diskFull } from '../../../disk-gate.fixture.ts'
import type { ConnectionPort } from '../../channel-port.ts'
import { PublishGate } from './publish-gate.ts'

function world() {
  const { store, become } = busyDisk()
  const gate = new PublishGate(store)
  const events: string[] = []
  const connection = {
    pause: () => void events.push('pause'),
    resume: () => void events.push('resume'),
  } as Partial<ConnectionPort> as ConnectionPort
  return { gate, events, become, check: () => gate.check(connection) }
}

test('publish gate: who is ahead of the disk waits until it caught up', () => {
  const { events, become, check } = world()
  become(limits.unconfirmedBytesHigh)
  check()
  expect(events).toEqual([])
  become(limits.unconfirmedBytesHigh + 1)
  check()
  become(limits.unconfirmedBytesLow + 1)
  expect(events.splice(0)).toEqual(['pause'])
  become(limits.unconfirmedBytesLow)
  become(0)
  expect(events).toEqual(['resume'])
})

test('publish gate: nobody waits for a disk that fails', () => {
  const { gate, events, become, check } = world()
  become(limits.unconfirmedBytesHigh + 1)
  check()
  gate.whenWelcome(() => events.push('welcome'))
  become(limits.unconfirmedBytesHigh + 1, diskFull)
  check()
  expect(events.splice(0)).toEqual(['pause', 'resume'])
  become(0)
  expect(events).toEqual(['welcome'])
})
