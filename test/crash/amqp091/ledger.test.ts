import { expect, test } from 'vitest'
import { type Copy, type Deed, Ledger, NOWHERE } from './ledger.ts'

/** One message in `a` and `b`, and what happens to its copy in `a`. */
class Story {
  readonly ledger = new Ledger()
  readonly deed: Deed = this.ledger.deed('publish')
  readonly #holder = {}
  last: Copy | undefined
  settled: Deed = this.ledger.deed('settle')

  constructor() {
    this.ledger.published('m', ['a', 'b'], this.deed)
  }

  confirm(): this {
    this.ledger.confirm(this.deed)
    return this
  }

  get(queue: string, isRedelivered = false): this {
    this.last = this.ledger.delivered('m', queue, isRedelivered, this.#holder)
    return this
  }

  known(): this {
    this.ledger.deliveryKnown(this.last!, this.last!.place)
    return this
  }

  settle(to: string = NOWHERE): this {
    this.settled = this.ledger.deed('settle')
    this.ledger.moved(this.last!, to, this.settled)
    return this
  }

  sure(): this {
    this.ledger.confirm(this.settled)
    return this
  }

  crash(): this {
    this.ledger.crashed()
    return this
  }

  drained(): this {
    this.ledger.drained()
    return this
  }
}

const cases: [name: string, tell: (story: Story) => Story, complaint: RegExp | null][] = [
  ['confirmed and settled', s => s.confirm().get('a').settle().get('b').settle().drained(), null],
  ['never confirmed, not there', s => s.crash().drained(), null],
  ['settled, unsure, and back', s => s.confirm().get('a').settle().crash().get('a'), null],
  ['lost after a confirm', s => s.confirm().crash().drained(), /2 are lost/],
  ['half of a publish', s => s.crash().get('a').settle().drained(), /1 are lost/],
  ['back though it was settled', s => s.get('a').settle().sure().crash().get('a'), /came back/],
  [
    'back after all was settled',
    s => s.get('a').settle().sure().get('b').settle().sure().get('b', true),
    /came back/,
  ],
  ['out twice', s => s.get('a').get('a', true), /out twice/],
  ['not marked', s => s.get('a').known().crash().get('a'), /not marked redelivered/],
  ['perhaps not known', s => s.get('a').crash().get('a'), null],
  ['moved, whoever saw it first', s => s.get('a').settle('d').get('d').settle().sure(), null],
  ['moved and still there', s => s.get('a').settle('d').sure().crash().get('a'), /came back/],
  ['moved back and forth', s => s.get('a').settle('d').crash().get('a').get('d'), /came back/],
  ['neither here nor there', s => s.get('a').settle('d').crash().drained(), /are lost/],
  ['from nowhere', s => s.get('c'), /came back|nowhere/],
  ['confirmed though it was undone', s => s.get('a').settle().crash().get('a').sure(), /undone/],
]

for (const [name, tell, complaint] of cases) {
  test(`queues' ledger: ${name}`, () => {
    const [first] = tell(new Story()).ledger.complaints
    if (complaint === null) expect(first).toBeUndefined()
    else expect(first).toMatch(complaint)
  })
}
