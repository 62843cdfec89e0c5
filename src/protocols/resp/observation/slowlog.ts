import type { Arguments } from '../../../lib/resp/index.ts'

const WORDS_MAX = 32
const CHARS_MAX = 128

export type SlowCommand = {
  readonly id: number
  /** Seconds since 1970. */
  readonly at: number
  readonly microseconds: number
  /** Binary strings. Long ones, and many, are cut short, which is said at their end. */
  readonly words: readonly string[]
  readonly client: string
  readonly clientName: string
}

/** The newest commands that took long. */
export class Slowlog {
  /** Microseconds; negative: nothing is slow. */
  threshold = 10_000
  #lengthMax = 128
  #entries: SlowCommand[] = []
  #idNext = 0

  get lengthMax(): number {
    return this.#lengthMax
  }

  set lengthMax(length: number) {
    this.#lengthMax = length
    this.#entries.length = Math.min(this.#entries.length, length)
  }

  /** From the newest to the oldest. */
  get entries(): readonly SlowCommand[] {
    return this.#entries
  }

  add(command: Omit<SlowCommand, 'id' | 'words'>, args: Arguments): void {
    this.#entries.unshift({ ...command, id: this.#idNext++, words: wordsOf(args) })
    this.#entries.length = Math.min(this.#entries.length, this.#lengthMax)
  }

  reset(): void {
    this.#entries = []
  }
}

function wordsOf(args: Arguments): string[] {
  const shown = args.count > WORDS_MAX ? WORDS_MAX - 1 : args.count
  const words: string[] = []
  for (let index = 0; index < shown; index++) {
    const size = args.sizeBytes(index)
    const word = args.view(index).toString('latin1', 0, Math.min(size, CHARS_MAX))
    words.push(size > CHARS_MAX ? `${word}... (${size - CHARS_MAX} more bytes)` : word)
  }
  if (args.count > shown) words.push(`... (${args.count - shown} more arguments)`)
  return words
}
