import type { References, Trim } from '../../../../broker/entries/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import { ReplyError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { idAt, isSign } from './ids.ts'

const TILDE = 0x7e
const EQUALS = 0x3d
/** What an approximate trim removes at most where nothing is said. */
const LIMIT_DEFAULT = 10_000

/** Collects what XADD and XTRIM say about trimming, word by word. */
export class TrimOptions {
  #keep: Trim['keep'] | null = null
  #isApproximate = false
  #limit: number | null = null
  #references: References | null = null

  /** The index behind what was read; `index` itself when it is no such option. */
  read(args: Arguments, index: number): number {
    const hasMore = index + 1 < args.count
    if (hasMore && args.is(index, 'maxlen')) return this.#readKeep(args, index, true)
    if (hasMore && args.is(index, 'minid')) return this.#readKeep(args, index, false)
    if (hasMore && args.is(index, 'limit')) {
      this.#limit = numberAt(args, index + 1)
      if (this.#limit < 0) throw new ReplyError('ERR The LIMIT argument must be >= 0.')
      return index + 2
    }
    const references = this.#references === null ? referencesAt(args, index) : null
    if (references === null) return index
    this.#references = references
    return index + 1
  }

  /** Null: nothing is trimmed. Throws for what does not fit together. */
  finish(): Trim | null {
    const keep = this.#keep
    if (keep === null) {
      if (this.#limit) throw unfit('LIMIT cannot be used without specifying a trimming strategy')
      return null
    }
    if (this.#limit !== null && !this.#isApproximate)
      throw unfit('LIMIT cannot be used without the special ~ option')
    return {
      keep,
      isApproximate: this.#isApproximate,
      countMax: this.#isApproximate ? (this.#limit ?? LIMIT_DEFAULT) : 0,
      references: this.#references ?? 'keep',
    }
  }

  #readKeep(args: Arguments, index: number, isCount: boolean): number {
    if (this.#keep !== null)
      throw unfit('MAXLEN and MINID options at the same time are not compatible')
    let at = index + 1
    this.#isApproximate = false
    if (at + 1 < args.count && (isSign(args, at, TILDE) || isSign(args, at, EQUALS))) {
      this.#isApproximate = isSign(args, at, TILDE)
      at++
    }
    if (isCount) {
      const count = numberAt(args, at)
      if (count < 0) throw new ReplyError('ERR The MAXLEN argument must be >= 0.')
      this.#keep = { count }
    } else this.#keep = { from: idAt(args, at) }
    return at + 1
  }
}

/** KEEPREF, DELREF or ACKED; null for anything else. */
export function referencesAt(args: Arguments, index: number): References | null {
  if (args.is(index, 'keepref')) return 'keep'
  if (args.is(index, 'delref')) return 'delete'
  return args.is(index, 'acked') ? 'acked' : null
}

const unfit = (why: string): ReplyError => new ReplyError(`ERR syntax error, ${why}`)
