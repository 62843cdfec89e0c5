import type { List } from '../../../../broker/list/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'

/** Looked at before asking whether that is enough. */
const RUN_LENGTH = 128

export type Search = {
  /** From which match on, counted from the left, or from the right when negative. */
  readonly rank: number
  /** -1: not given; 0: all. */
  readonly count: number
  /** Elements looked at; 0: all. */
  readonly lengthMax: number
}

export const firstMatch: Search = { rank: 1, count: -1, lengthMax: 0 }

/** Where elements are that equal a word of the command, in the order they are found. */
export function indexesOf(list: List, args: Arguments, word: number, search: Search): number[] {
  const { rank, count, lengthMax } = search
  const { bytes } = args
  const [start, end] = [args.starts[word]!, args.ends[word]!]
  const { length } = list
  const looked = lengthMax === 0 ? length : Math.min(length, lengthMax)
  const wanted = count < 0 ? 1 : count === 0 ? length : count
  const found: number[] = []
  let toSkip = Math.abs(rank) - 1
  const [first, step] = rank > 0 ? [0, 1] : [length - 1, -1]
  for (let done = 0; done < looked && found.length < wanted; done += RUN_LENGTH) {
    const from = first + done * step
    const to = first + (Math.min(done + RUN_LENGTH, looked) - 1) * step
    list.each(from, to, (seen, at) => {
      if (found.length === wanted || !seen.isEqual(bytes, start, end)) return
      if (toSkip > 0) toSkip--
      else found.push(at)
    })
  }
  return found
}
