import { setTimeout as sleep } from 'node:timers/promises'
import { itemsOf, type Reply, show } from '../../resp/reply.ts'
import { RespSocket } from '../../resp/socket.ts'

const VALUE = 'x'.repeat(20_000)
/** So long nobody asks again who was told that there is no room. */
const PATIENCE_MS = 20

/** A client that only adds: what was answered has to stay, what was refused must not come. */
export class Hoarder {
  readonly kept = new Set<number>()
  readonly #refused = new Set<number>()
  readonly #name: string
  #serial = 0

  constructor(name: string) {
    this.#name = name
  }

  get isRefused(): boolean {
    return this.#refused.has(this.#serial)
  }

  /** Works until the connection is lost. Throws when an answer is wrong. */
  async work(address: string, isStopping: () => boolean): Promise<void> {
    const socket = await RespSocket.open(address)
    try {
      while (!socket.isClosed && !isStopping()) {
        const number = ++this.#serial
        for (const words of this.#additions(number)) socket.send(words)
        const replies = [await socket.next(), await socket.next()]
        if (replies.some(reply => reply === undefined)) return
        if (replies.some(isNoRoom)) await this.#refusedBy(replies, number)
        else this.kept.add(number)
      }
    } finally {
      await socket.close()
    }
  }

  /** Compares the answers of a server that nobody writes to. */
  async verify(address: string): Promise<void> {
    const socket = await RespSocket.open(address)
    const listed = itemsOf(await socket.ask('LRANGE', this.#list, '0', '-1')).map(textOf)
    const missing: number[] = []
    for (let number = 1; number <= this.#serial; number++) {
      const sizeBytes = Number(textOf(await socket.ask('STRLEN', this.#key(number))))
      const isThere = sizeBytes === VALUE.length && listed.includes(String(number))
      if (this.kept.has(number) && !isThere) missing.push(number)
      if (this.#refused.has(number) && sizeBytes > 0)
        throw new Error(`${this.#key(number)} was refused, and is there`)
    }
    await socket.close()
    if (missing.length > 0)
      throw new Error(`${this.#name}: ${missing.length} are lost, such as ${missing[0]}`)
    const numbers = listed.map(Number)
    if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1]!))
      throw new Error(`${this.#name}: the list is not in the order in which it was written`)
  }

  #additions(number: number): readonly (readonly string[])[] {
    return [
      ['SET', this.#key(number), VALUE],
      ['RPUSH', this.#list, String(number)],
    ]
  }

  /** The first may have been taken just before the disk was full. */
  async #refusedBy(replies: readonly (Reply | undefined)[], number: number): Promise<void> {
    const wrong = replies.find(reply => reply?.kind === 'error' && !isNoRoom(reply))
    if (wrong !== undefined) throw new Error(`${this.#name} was answered ${show(wrong)}`)
    if (isNoRoom(replies[0])) this.#refused.add(number)
    await sleep(PATIENCE_MS)
  }

  get #list(): string {
    return `${this.#name}:list`
  }

  #key(number: number): string {
    return `${this.#name}:${number}`
  }
}

const isNoRoom = (reply: Reply | undefined): boolean =>
  reply?.kind === 'error' && reply.text.startsWith('MISCONF')

const textOf = (reply: Reply): string => ('text' in reply ? reply.text : '')
