import { expect, test } from 'vitest'
import { collisionKey, topicNameFlaw } from './topic-names.ts'

const bad = 'contains one or more characters other than ASCII alphanumerics'

const cases: [name: string, flaw: string | undefined][] = [
  ['orders', undefined],
  ['a', undefined],
  ['.a', undefined],
  ['...', undefined],
  ['-', undefined],
  ['Orders_v2.EU-west', undefined],
  ['x'.repeat(249), undefined],
  ['', 'the empty string is not allowed'],
  ['.', "'.' is not allowed"],
  ['..', "'..' is not allowed"],
  ['x'.repeat(250), 'is longer than the max allowed length 249'],
  ['a b', bad],
  ['a/b', bad],
  ['ä', bad],
  ['a\n', bad],
  ['a:b', bad],
]

for (const [name, flaw] of cases) {
  test(`topic name ${JSON.stringify(name.slice(0, 20))}: ${flaw ?? 'fine'}`, () => {
    if (flaw === undefined) expect(topicNameFlaw(name)).toBeUndefined()
    else expect(topicNameFlaw(name)).toContain(`Topic name is invalid: `)
    if (flaw !== undefined) expect(topicNameFlaw(name)).toContain(flaw)
  })
}

test('topic names collide when they differ in dots and underscores only', () => {
  expect(collisionKey('a.b_c')).toBe(collisionKey('a_b.c'))
  expect(collisionKey('a-b')).not.toBe(collisionKey('a.b'))
})
