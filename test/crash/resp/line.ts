import { itemsOf } from '../../resp/reply.ts'
import { RespSocket } from '../../resp/socket.ts'

const KEY = 'line'
const ELEMENTS_MAX = 500

/** One client pushes numbers, others wait for them: each is taken once, or never. */
export class Line {
  acknowledged = 0
  readonly #pushed = new Set<string>()
  readonly #taken = new Set<string>()
  /** Pushes that were not answered: theirs may be there. */
  readonly #perhaps = new Set<string>()
  /** Takers that were not answered: each may have taken one that nobody got. */
  #unanswered = 0
  #serial = 0

  async push(address: string, isStopping: () => boolean): Promise<void> {
    const socket = await RespSocket.open(address)
    try {
      while (!socket.isClosed && !isStopping()) {
        const numbers = Array.from({ length: 10 }, () => String(++this.#serial))
        for (const number of numbers) this.#perhaps.add(number)
        socket.send(['LPUSH', KEY, ...numbers])
        const reply = await socket.next()
        if (reply === undefined) return
        for (const number of numbers) {
          this.#perhaps.delete(number)
          this.#pushed.add(number)
        }
        this.acknowledged += numbers.length
        if ('text' in reply && Number(reply.text) > ELEMENTS_MAX) await pause()
      }
    } finally {
      await socket.close()
    }
  }

  async take(address: string, isStopping: () => boolean): Promise<void> {
    const socket = await RespSocket.open(address)
    try {
      while (!socket.isClosed && !isStopping()) {
        socket.send(['BRPOP', KEY, '0.2'])
        this.#unanswered++
        const reply = await socket.next()
        if (reply === undefined) return
        this.#unanswered--
        const element = itemsOf(reply)[1]
        if (element === undefined || !('text' in element)) continue
        if (this.#taken.has(element.text)) throw new Error(`${element.text} came back: taken twice`)
        this.#taken.add(element.text)
        this.acknowledged++
      }
    } finally {
      await socket.close()
    }
  }

  /** What is left has to be what was pushed and not taken, but for what nobody was answered of. */
  async verify(address: string): Promise<void> {
    const socket = await RespSocket.open(address)
    const left = itemsOf(await socket.ask('LRANGE', KEY, '0', '-1')).map(item =>
      'text' in item ? item.text : '',
    )
    await socket.close()
    const there = new Set(left)
    if (there.size < left.length) throw new Error('elements of the line came back twice')
    for (const number of left) {
      if (this.#taken.has(number)) throw new Error(`${number} came back after it was taken`)
      if (this.#perhaps.delete(number)) this.#pushed.add(number)
    }
    const missing = [...this.#pushed].filter(one => !this.#taken.has(one) && !there.has(one))
    if (missing.length > this.#unanswered)
      throw new Error(`${missing.length} elements are lost, such as ${missing.slice(0, 5).join()}`)
    // Those few were taken by somebody who was not told, and all else is as it is there.
    for (const number of missing) this.#pushed.delete(number)
    for (const number of this.#taken) this.#pushed.delete(number)
    this.#unanswered = 0
    this.#perhaps.clear()
  }
}

const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5))
