import { expect, test } from 'vitest'
import { limits } from '../limits/limits.ts'
import { busyDisk, diskFull } from './disk-gate.fixture.ts'
import { DiskGate } from './disk-gate.ts'

const { unconfirmedBytesHigh: high, unconfirmedBytesLow: low } = limits

function world() {
  const { store, become } = busyDisk()
  const gate = new DiskGate(store)
  const gone: string[] = []
  const wait = (name: string): (() => void) => {
    const goOn = (): void => void gone.push(name)
    gate.whenOpen(goOn)
    return goOn
  }
  return { gate, become, gone, wait }
}

test('disk gate: who writes waits until the disk caught up, and is told once', () => {
  const { gate, become, gone, wait } = world()
  become(high)
  expect(gate.isOpen).toBe(true)
  become(high + 1)
  expect(gate.isOpen).toBe(false)
  wait('one')
  wait('another')
  become(low + 1)
  expect(gone).toEqual([])
  become(low)
  become(0)
  expect(gone).toEqual(['one', 'another'])
})

test('disk gate: nobody waits for a disk that fails', () => {
  const { gate, become, gone, wait } = world()
  become(high + 1)
  wait('one')
  become(high + 1, diskFull)
  expect([gate.isOpen, gone]).toEqual([true, ['one']])
})

test('disk gate: who is gone is not told', () => {
  const { gate, become, gone, wait } = world()
  become(high + 1)
  const goOn = wait('one')
  gate.forget(goOn)
  become(0)
  expect(gone).toEqual([])
})
