import { type Reply, show } from '../reply.ts'
import { changes, contents } from '../compare/fixture.ts'
import { timeless } from '../compare/timeless.ts'
import { RespSocket } from '../socket.ts'

/** Commands in the order in which they are sent. */
export type Sequence = readonly (readonly string[])[]

export type Difference = {
  /** Of the command; after the last when what is stored differs. */
  readonly index: number
  readonly real: string
  readonly ours: string
}

/** Two servers that are asked the same. */
export class Duel implements AsyncDisposable {
  readonly #real: RespSocket
  readonly #ours: RespSocket

  static async open(real: string, ours: string): Promise<Duel> {
    const sockets = [await RespSocket.open(real), await RespSocket.open(ours)] as const
    for (const socket of sockets) await socket.ask('HELLO', '3')
    return new Duel(...sockets)
  }

  private constructor(real: RespSocket, ours: RespSocket) {
    this.#real = real
    this.#ours = ours
  }

  /** The first difference. */
  async play(sequence: Sequence): Promise<Difference | undefined> {
    const [real, ours] = [await answers(this.#real, sequence), await answers(this.#ours, sequence)]
    for (const index of sequence.keys())
      if (real.shown[index] !== ours.shown[index])
        return { index, real: real.shown[index]!, ours: ours.shown[index]! }
    const changed = changes(real.stored, ours.stored)
    if (changed === '') return undefined
    const back = changes(ours.stored, real.stored)
    return { index: sequence.length, real: back, ours: changed }
  }

  /** Leaves out what is not needed for the same kind of difference. */
  async minimised(sequence: Sequence): Promise<Sequence> {
    let best = sequence
    for (let size = Math.ceil(best.length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let start = 0; start < best.length; ) {
        const shorter = [...best.slice(0, start), ...best.slice(start + size)]
        const difference = await this.play(shorter)
        if (difference === undefined) start += size
        else best = shorter.slice(0, difference.index + 1)
      }
    }
    return best
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#real.close()
    await this.#ours.close()
  }
}

async function answers(socket: RespSocket, sequence: Sequence) {
  await socket.ask('FLUSHALL')
  for (const words of sequence) socket.send(words)
  const shown: string[] = []
  for (const words of sequence) {
    const reply = await socket.next()
    if (reply === undefined) throw new Error(`no reply to ${showWords(words)}`)
    shown.push(comparable(words[0]!.toLowerCase(), reply))
  }
  return { shown, stored: await contents(socket) }
}

export const showWords = (words: readonly string[]): string =>
  words
    .map(word => (/^[\w.*+$>([-]+$/.test(word) ? word : show({ kind: 'bulk', text: word })))
    .join(' ')

const unordered = /^(smembers|sinter|sunion|sdiff|keys|sort|sort_ro)$/
const random = /^(srandmember|hrandfield|zrandmember|dump)$/
const geographic = /^geo/
const timed = /^(ttl|pttl|expiretime|pexpiretime|xpending)$/

/** Shown without what two servers need not have in common. */
function comparable(command: string, reply: Reply): string {
  if (reply.kind === 'error') return show(reply)
  if (random.test(command)) return 'items' in reply ? `${reply.items.length} items` : reply.kind
  if (unordered.test(command) && 'items' in reply) return reply.items.map(show).sort().join(', ')
  const shown = timeless(show(reply))
  // Since Redis 8 doubles have the fewest digits that mean them.
  if (geographic.test(command)) return shown.replaceAll(/(?<=\d\.\d{11})\d+/g, '…')
  return timed.test(command) ? shown.replaceAll(/(?<=:\d*)\d{4}\b|(?<=", ):\d+(?=, )/g, '…') : shown
}
