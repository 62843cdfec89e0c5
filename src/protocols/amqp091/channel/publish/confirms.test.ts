import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Confirms } from './confirms.ts'

type Answer = [isAccepted: boolean, tag: number, isMultiple: boolean]

function confirms(): { confirms: Confirms; answers: Answer[] } {
  const answers: Answer[] = []
  const writer = { confirm: (...answer: Answer) => void answers.push(answer) }
  return { confirms: new Confirms(writer), answers }
}

const rows: {
  name: string
  turns: { messages: string; mustWait?: boolean }[]
  safe: boolean[]
  answers: Answer[]
}[] = [
  { name: 'one message', turns: [{ messages: '.' }], safe: [true], answers: [[true, 1, false]] },
  {
    name: 'a turn is one answer',
    turns: [{ messages: '...' }],
    safe: [true],
    answers: [[true, 3, true]],
  },
  {
    name: 'what a queue refused is told apart',
    turns: [{ messages: '..x..' }],
    safe: [true],
    answers: [
      [true, 2, true],
      [false, 3, false],
      [true, 5, true],
    ],
  },
  {
    name: 'nothing is said before the store has it',
    turns: [{ messages: '..' }, { messages: '..' }],
    safe: [true],
    answers: [[true, 2, true]],
  },
  {
    name: 'what needs no store is answered at once',
    turns: [{ messages: '..', mustWait: false }],
    safe: [],
    answers: [[true, 2, true]],
  },
  {
    name: 'but not before what came earlier',
    turns: [{ messages: '.' }, { messages: '.', mustWait: false }],
    safe: [],
    answers: [],
  },
  {
    name: 'a failed disk refuses all of the turn',
    turns: [{ messages: '..x' }, { messages: '.' }],
    safe: [false, true],
    answers: [
      [false, 3, true],
      [true, 4, false],
    ],
  },
]

test.each(rows)('confirms: $name', ({ turns, safe, answers: expected }) => {
  const { confirms: subject, answers } = confirms()
  for (const { messages, mustWait } of turns) {
    for (const message of messages) subject.published(message === 'x')
    subject.endTurn(mustWait ?? true)
  }
  for (const isSafe of safe) subject.settled(isSafe)
  expect(answers).toEqual(expected)
})

test('confirms: every message is answered once, as its queue and the store said', () => {
  const turn = fc.record({
    rejected: fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
    mustWait: fc.boolean(),
    isSafe: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 12 }), turns => {
      const { confirms: subject, answers } = confirms()
      const expected: boolean[] = []
      const waits: boolean[] = []
      const fates: { isRejected: boolean; turn: number }[] = []
      for (const { rejected, mustWait, isSafe } of turns) {
        for (const isRejected of rejected) subject.published(isRejected)
        if (mustWait) waits.push(isSafe)
        for (const isRejected of rejected) fates.push({ isRejected, turn: waits.length - 1 })
        subject.endTurn(mustWait)
      }
      for (const { isRejected, turn } of fates)
        expected.push(!isRejected && (turn === -1 || waits[turn]!))
      for (const isSafe of waits) subject.settled(isSafe)
      const told: boolean[] = []
      for (const [isAccepted, tag, isMultiple] of answers) {
        if (!isMultiple) expect(tag).toBe(told.length + 1)
        while (told.length < tag) told.push(isAccepted)
      }
      expect(told).toEqual(expected)
      expect(subject.unconfirmedCount).toBe(0)
    }),
  )
})
