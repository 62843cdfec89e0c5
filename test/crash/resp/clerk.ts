import { type Reply, itemsOf, show } from '../../resp/reply.ts'
import { RespSocket } from '../../resp/socket.ts'
import { answersOf, type Deed, Deeds, type Keys, nothing } from './keys.ts'

type Dice = () => number

/** What a clerk needs of a connection. */
export type Conversation = Pick<RespSocket, 'ask' | 'send' | 'next' | 'close' | 'isClosed'>

/** What is done as one: a command, or a transaction. */
type Unit = { readonly deeds: readonly Deed[]; readonly isTransaction: boolean }

/**
 * A client with keys of its own. It knows what every answer has to be, and after a crash that the
 * keys are as after some of what was not answered yet, in order: with nothing left out of what
 * was answered, no half of a transaction, and nothing back that was taken.
 */
export class Clerk {
  acknowledged = 0
  readonly name: string
  readonly open: (address: string) => Promise<Conversation>
  readonly #random: Dice
  readonly #deeds: Deeds
  #known: Keys = nothing()
  /** Sent, and not answered before the connection was lost. */
  #unsure: Unit[] = []

  constructor(name: string, random: Dice, open: Clerk['open'] = RespSocket.open) {
    this.name = name
    this.open = open
    this.#random = random
    this.#deeds = new Deeds(name, random)
  }

  /** Has to be answered before anything else is done. */
  async setUp(address: string): Promise<void> {
    const socket = await this.open(address)
    await socket.ask(...this.#deeds.setUp)
    await socket.close()
  }

  /** Works until the connection is lost. Throws when an answer is wrong. */
  async work(address: string, isStopping: () => boolean): Promise<void> {
    const socket = await this.open(address)
    try {
      while (!socket.isClosed && !isStopping()) await this.#batch(socket)
    } finally {
      await socket.close()
    }
  }

  /** Compares all keys; then it is known again which of the unanswered was done. */
  async verify(address: string): Promise<void> {
    const socket = await this.open(address)
    const answers: string[] = []
    for (const question of this.#deeds.questions)
      answers.push(normal(question[0]!, await socket.ask(...question)))
    await socket.close()
    const keys = this.#known
    let nearest = differences(answers, answersOf(keys))
    let moments = 1
    for (const { deeds } of this.#unsure) {
      if (nearest.length === 0) break
      for (const deed of deeds) deed.run(keys)
      const found = differences(answers, answersOf(keys))
      if (found.length <= nearest.length) nearest = found
      moments++
    }
    this.#unsure = []
    if (nearest.length === 0) return
    throw new Error(
      `${this.name}: the keys are as after none of ${moments} possible moments; ` +
        `at the nearest ${nearest.join(' and ')}`,
    )
  }

  async #batch(socket: Conversation): Promise<void> {
    const ahead = structuredClone(this.#known)
    const units = Array.from({ length: 1 + Math.floor(this.#random() * 20) }, () =>
      this.#unit(ahead),
    )
    this.#unsure = units
    for (const unit of units) for (const words of wordsOf(unit)) socket.send(words)
    for (const unit of units) {
      if (!(await this.#answered(socket, unit))) return
      this.#unsure = this.#unsure.slice(1)
      this.acknowledged++
    }
  }

  #unit(ahead: Keys): Unit {
    const isTransaction = this.#random() < 0.2
    const count = isTransaction ? 2 + Math.floor(this.#random() * 5) : 1
    const deeds = Array.from({ length: count }, () => {
      const deed = this.#deeds.next(ahead)
      deed.run(ahead)
      return deed
    })
    return { deeds, isTransaction }
  }

  /** False: the connection was lost before. */
  async #answered(socket: Conversation, { deeds, isTransaction }: Unit): Promise<boolean> {
    const before = isTransaction ? deeds.length + 1 : 0
    for (let index = 0; index < before; index++)
      if ((await socket.next()) === undefined) return false
    const reply = await socket.next()
    if (reply === undefined) return false
    const expected = deeds.map(deed => deed.run(this.#known))
    const shown = isTransaction ? `[${expected.join(', ')}]` : expected[0]!
    if (show(reply) === shown) return true
    const words = deeds.map(deed => deed.words.join(' ')).join(', ')
    throw new Error(`${this.name}: "${words}" should be answered ${shown}, not ${show(reply)}`)
  }
}

function wordsOf({ deeds, isTransaction }: Unit): (readonly string[])[] {
  const words = deeds.map(deed => deed.words)
  return isTransaction ? [['MULTI'], ...words, ['EXEC']] : words
}

/** Without an order that does not count, and without how long ago things were. */
function normal(command: string, reply: Reply): string {
  if (command === 'HGETALL') {
    const texts = itemsOf(reply).map(textOf)
    const fields = texts.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}=${texts[index + 1]}`] : [],
    )
    return fields.toSorted().join()
  }
  if (command !== 'XPENDING') return show(reply)
  const rows = itemsOf(reply).map(row => itemsOf(row).map(textOf))
  return rows.map(([id, consumer, , count]) => `${id?.split('-')[0]} ${consumer} ${count}`).join()
}

const textOf = (reply: Reply): string => ('text' in reply ? reply.text : '')

function differences(answers: readonly string[], expected: readonly string[]): string[] {
  return answers.flatMap((answer, index) => {
    if (answer === expected[index]) return []
    return [`${answer.slice(0, 400)} should be ${expected[index]!.slice(0, 400)}`]
  })
}
