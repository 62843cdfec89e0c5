import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteIndex, hashOfText, isSame } from './byte-index.ts'

const texts = fc.oneof(
  fc.integer({ min: 0, max: 300 }).map(number => `t${number}`),
  fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes).toString('latin1')),
)
const steps = fc.array(fc.tuple(fc.boolean(), texts), { maxLength: 800 })

test('byte index: finds what is there by its bytes, at the position it has', () => {
  fc.assert(
    fc.property(steps, fc.nat({ max: 5 }), (changes, margin) => {
      const list: string[] = []
      const index = new ByteIndex({
        isBytes: (position, bytes, start, end) => isSame(list[position]!, bytes, start, end),
        isText: (position, text) => list[position] === text,
      })
      const find = (text: string): number => {
        const bytes = Buffer.from(`${'x'.repeat(margin)}${text}y`, 'latin1')
        const found = index.find(bytes, margin, margin + text.length)
        expect(index.findText(text)).toBe(found)
        expect(found).toBe(list.indexOf(text))
        return found
      }
      for (const [isAdded, text] of changes) {
        const position = find(text)
        if (isAdded && position < 0) index.add(hashOfText(text), list.push(text) - 1)
        if (isAdded || position < 0) continue
        index.remove(hashOfText(text), position)
        const last = list.pop()!
        if (last === text) continue
        index.move(hashOfText(last), list.length, position)
        list[position] = last
      }
      for (const [, text] of changes) find(text)
      index.clear()
      list.length = 0
      for (const [, text] of changes) find(text)
    }),
  )
})
