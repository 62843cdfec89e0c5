import { expect, test } from 'vitest'
import { type Address, Addresses } from './addresses.ts'

const bytesOf = (routingKey: string): Buffer =>
  Buffer.concat([Buffer.of(0, routingKey.length), Buffer.from(routingKey)])

function find(addresses: Addresses, routingKey: string): Address {
  const bytes = bytesOf(routingKey)
  return addresses.find(bytes, 0, bytes.length)
}

const remembered = (addresses: Addresses, known: readonly Address[]): number =>
  known.filter(address => find(addresses, address.routingKey) === address).length

test('an address is remembered', () => {
  const addresses = new Addresses()
  const keys = Array.from({ length: 10_000 }, (_, index) => `orders.${index}.created`)
  const known = keys.map(key => find(addresses, key))
  expect(known.map(address => address.routingKey)).toEqual(keys)
  expect(remembered(addresses, known)).toBe(keys.length)
})

const step = (state: number, byte: number): number => Math.imul(state ^ byte, 0x01000193)

function afterText(before: number, text: string): number {
  let state = before
  for (let at = 0; at < text.length; at++) state = step(state, text.charCodeAt(at))
  return state
}

/** Twice as many keys with each part: of two that lead to the same, either may follow. */
function keysThatFallTogether(parts: number): string[] {
  const partChars = 4
  let state = step(step(0x811c9dc5, 0), parts * partChars)
  let keys = ['']
  for (let part = 0; part < parts; part++) {
    const seen = new Map<number, string>()
    for (let count = 0; ; count++) {
      const text = Buffer.from(count.toString(36).padStart(partChars, '-')).reverse().toString()
      const end = afterText(state, text)
      const other = seen.get(end)
      seen.set(end, text)
      if (other === undefined) continue
      keys = keys.flatMap(key => [key + other, key + text])
      state = end
      break
    }
  }
  return keys
}

test('keys chosen to fall together do not make look-ups longer and longer', () => {
  const addresses = new Addresses()
  const keys = keysThatFallTogether(11)
  expect(new Set(keys).size).toBe(2048)
  const known = keys.map(key => find(addresses, key))
  expect(known.map(address => address.routingKey)).toEqual(keys)
  // The few that came last: whoever looks for one of them passes no more.
  expect(remembered(addresses, known.toReversed())).toBeLessThan(300)
})
