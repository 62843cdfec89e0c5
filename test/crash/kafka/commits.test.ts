import { match } from 'node:assert/strict'
import { expect, test } from 'vitest'
import { Commits } from './commits.ts'

/** What the last step finds wrong; all others find nothing wrong. */
type Story = (commits: Commits) => string | null

const acknowledge = (commits: Commits, ...offsets: number[]): void => {
  for (const offset of offsets) commits.acknowledged(commits.sent(offset))
}
const send = (commits: Commits, ...offsets: number[]): void => {
  for (const offset of offsets) commits.sent(offset)
}

const sound: [name: string, story: Story][] = [
  ['nothing, and nothing is committed', commits => commits.found(0)],
  ['what was acknowledged', commits => (acknowledge(commits, 5), commits.found(5))],
  ['what was not answered may be there', commits => (send(commits, 5), commits.found(5))],
  ['or not', commits => (acknowledge(commits, 5), send(commits, 9), commits.found(5))],
  ['a lower one that came later', commits => (acknowledge(commits, 9, 5), commits.found(5))],
  ['a lower one without an answer', commits => (send(commits, 9, 5), commits.found(5))],
]

const wrong: [name: string, story: Story, complaint: RegExp][] = [
  ['all is lost', commits => (acknowledge(commits, 5), commits.found(0)), /5 .*it is 0/],
  ['the last is lost', commits => (acknowledge(commits, 5, 9), commits.found(5)), /9 .*it is 5/],
  ['it was never sent', commits => (acknowledge(commits, 5), commits.found(7)), /5 .*it is 7/],
  ['an older one comes back', commits => (acknowledge(commits, 9, 5), commits.found(9)), /5 .* 9/],
  [
    'what was told once is lost',
    commits => (send(commits, 5), commits.found(5) ?? commits.found(0)),
    /5 .*it is 0/,
  ],
  [
    'neither the answered one nor the one after it',
    commits => (acknowledge(commits, 5), send(commits, 9), commits.found(3)),
    /5 was committed, then perhaps 9, but it is 3/,
  ],
]

for (const [name, story] of sound)
  test(`commits: sound: ${name}`, () => expect(story(new Commits())).toBeNull())

for (const [name, story, complaint] of wrong)
  test(`commits: wrong: ${name}`, () => match(story(new Commits()) ?? '', complaint))

test('commits: a question may be overtaken by commits', () => {
  const commits = new Commits()
  acknowledge(commits, 5)
  const { asked } = commits
  acknowledge(commits, 9)
  expect(commits.found(5, asked)).toBeNull()
  expect(commits.found(9, asked)).toBeNull()
  expect(commits.found(5)).toMatch(/9 was committed/)
})
