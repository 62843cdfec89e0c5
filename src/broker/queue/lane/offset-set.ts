import { assert } from '../../../lib/assert.ts'
import type { Offset } from '../../../lib/brand.ts'

/** Offsets in a page; 1 KiB of bits. */
const PAGE = 8192
const WORDS = PAGE / 32
/** Stands for every page whose offsets are all in the set. */
const FULL = new Uint32Array(WORDS).fill(0xffff_ffff)

/** Of all sets without pages; nothing is ever put in. */
const NO_PAGES: (Uint32Array | null)[] = []
const NO_COUNTS: number[] = []

/**
 * A set of offsets that fills up from below: everything under `floor`, and some above it. Only
 * pages that are partly filled take memory, so one offset left behind costs a kilobyte, and eight
 * bytes for each 8,192 that were added after it.
 */
export class OffsetSet {
  #floor: number
  #pages: (Uint32Array | null)[] = NO_PAGES
  /** Offsets in each of the pages. */
  #counts: number[] = NO_COUNTS
  /** The number of the page that `#pages[#head]` is. */
  #firstPage = 0
  #head = 0
  #aheadCount = 0

  constructor(floor: number) {
    this.#floor = floor
  }

  /** The first offset that is not in the set. */
  get floor(): Offset {
    return this.#floor as Offset
  }

  /** Offsets of the set above the floor. */
  get aheadCount(): number {
    return this.#aheadCount
  }

  has(offset: number): boolean {
    if (offset < this.#floor) return true
    if (this.#aheadCount === 0) return false
    const number = Math.floor(offset / PAGE)
    const page = this.#pages[this.#head + number - this.#firstPage]
    if (page === undefined || page === null) return false
    const bit = offset - number * PAGE
    return (page[bit >>> 5]! & (1 << (bit & 31))) !== 0
  }

  /** The first offset from `from` on that is not in the set. */
  nextMissing(from: number): number {
    if (from < this.#floor) return this.#floor
    if (this.#aheadCount === 0) return from
    for (let at = from; ; ) {
      const number = Math.floor(at / PAGE)
      const page = this.#pages[this.#head + number - this.#firstPage]
      if (page === undefined || page === null) return at
      const start = number * PAGE
      const bit = page === FULL ? PAGE : firstMissing(page, at - start)
      if (bit < PAGE) return start + bit
      at = start + PAGE
    }
  }

  /** The last offset below `end` that is not in the set; -1 when there is none. */
  previousMissing(end: number): number {
    for (let at = end - 1; at >= this.#floor; ) {
      if (this.#aheadCount === 0) return at
      const number = Math.floor(at / PAGE)
      const page = this.#pages[this.#head + number - this.#firstPage]
      if (page === undefined || page === null) return at
      const start = number * PAGE
      const bit = page === FULL ? -1 : lastMissing(page, at - start)
      if (bit >= 0) return start + bit >= this.#floor ? start + bit : -1
      at = start - 1
    }
    return -1
  }

  /** How many of a range are in the set; the end is not included. */
  countIn(from: number, end: number): number {
    let count = Math.max(0, Math.min(end, this.#floor) - from)
    if (this.#aheadCount === 0) return count
    const last = (this.#firstPage + this.#pages.length - this.#head) * PAGE
    const to = Math.min(end, last)
    for (let at = Math.max(from, this.#floor); at < to; ) {
      const number = Math.floor(at / PAGE)
      const start = number * PAGE
      const next = Math.min(to, start + PAGE)
      const page = this.#pages[this.#head + number - this.#firstPage]!
      if (page === FULL) count += next - at
      else if (page !== null) count += onesIn(page, at - start, next - start - 1)
      at = next
    }
    return count
  }

  /** The offset from `from` on that has so many before it that are not in the set either. */
  missingAt(from: number, index: number): number {
    let at = Math.max(from, this.#floor)
    for (let left = index; ; ) {
      const number = Math.floor(at / PAGE)
      const position = this.#head + number - this.#firstPage
      if (this.#aheadCount === 0 || position >= this.#pages.length) return at + left
      const end = (number + 1) * PAGE
      const missing = end - at - this.countIn(at, end)
      if (left < missing) {
        for (at = this.nextMissing(at); left > 0; left--) at = this.nextMissing(at + 1)
        return at
      }
      left -= missing
      at = end
    }
  }

  /** Adds a range, both ends included. Says how many of it were not in the set. */
  add(first: number, last: number): number {
    const from = first < this.#floor ? this.#floor : first
    if (last < from) return 0
    const isNext = from === this.#floor
    if (isNext && this.#aheadCount === 0) {
      this.#floor = last + 1
      return last - from + 1
    }
    if (this.#aheadCount === 0) this.#keepPageOf(this.#floor)
    let added = 0
    for (let at = from; at <= last; ) {
      const number = Math.floor(at / PAGE)
      const start = number * PAGE
      const end = Math.min(last, start + PAGE - 1)
      added += this.#addInPage(number, at - start, end - start)
      at = end + 1
    }
    this.#aheadCount += added
    if (isNext) this.#advance()
    return added
  }

  /** Everything below `floor`, and nothing else. */
  reset(floor: number): void {
    this.#floor = floor
    this.#clear()
  }

  copy(): OffsetSet {
    const copy = new OffsetSet(this.#floor)
    this.eachRange((first, last) => copy.add(first, last))
    return copy
  }

  /** The ranges above the floor, in order, both ends included. */
  eachRange(visit: (first: number, last: number) => void): void {
    let begun = -1
    let next = 0
    for (let index = this.#head; index < this.#pages.length; index++) {
      const page = this.#pages[index]!
      const start = (this.#firstPage + index - this.#head) * PAGE
      if (page === FULL && begun >= 0 && next === start) {
        next = start + PAGE
        continue
      }
      for (let bit = 0; bit < PAGE && page !== null; bit++) {
        if ((page[bit >>> 5]! & (1 << (bit & 31))) === 0) continue
        const offset = start + bit
        if (offset < this.#floor) continue
        if (begun >= 0 && offset !== next) {
          visit(begun, next - 1)
          begun = -1
        }
        if (begun < 0) begun = offset
        next = offset + 1
      }
    }
    if (begun >= 0) visit(begun, next - 1)
  }

  #addInPage(number: number, first: number, last: number): number {
    const index = this.#indexOf(number)
    const page = this.#pages[index]!
    if (page === FULL) return 0
    if (first === 0 && last === PAGE - 1) return this.#fill(index)
    const bits = page ?? new Uint32Array(WORDS)
    this.#pages[index] = bits
    let added = 0
    for (let word = first >>> 5; word <= last >>> 5; word++) {
      const low = word === first >>> 5 ? first & 31 : 0
      const high = word === last >>> 5 ? last & 31 : 31
      const mask = (0xffff_ffff >>> (31 - high)) & (0xffff_ffff << low)
      added += ones(mask & ~bits[word]!)
      bits[word]! |= mask
    }
    this.#counts[index]! += added
    if (this.#counts[index] === PAGE) this.#pages[index] = FULL
    return added
  }

  #fill(index: number): number {
    const added = PAGE - this.#counts[index]!
    this.#pages[index] = FULL
    this.#counts[index] = PAGE
    return added
  }

  #indexOf(number: number): number {
    const index = this.#head + number - this.#firstPage
    assert(index >= this.#head, 'pages below the floor are gone')
    if (this.#pages === NO_PAGES) {
      this.#pages = []
      this.#counts = []
    }
    while (this.#pages.length <= index) {
      this.#pages.push(null)
      this.#counts.push(0)
    }
    return index
  }

  /** The floor was added: it moves up to the next offset that is missing. */
  #advance(): void {
    const before = this.#floor
    let at = before
    for (let index = this.#head; index < this.#pages.length; index++) {
      const page = this.#pages[index]!
      const start = (this.#firstPage + index - this.#head) * PAGE
      if (page === null) break
      at = start + (page === FULL ? PAGE : firstMissing(page, at - start))
      if (at < start + PAGE) break
    }
    this.#floor = at
    this.#aheadCount -= at - before
    if (this.#aheadCount === 0) this.#keepPageOf(at)
    else this.#dropPages(Math.floor(at / PAGE) - this.#firstPage)
  }

  #dropPages(count: number): void {
    this.#head += count
    this.#firstPage += count
    if (this.#head < 64 || this.#head * 2 < this.#pages.length) {
      for (let index = this.#head - count; index < this.#head; index++) this.#pages[index] = null
      return
    }
    this.#pages = this.#pages.slice(this.#head)
    this.#counts = this.#counts.slice(this.#head)
    this.#head = 0
  }

  /** No other is needed; it is kept because the next gap is likely to be in it. */
  #keepPageOf(floor: number): void {
    const number = Math.floor(floor / PAGE)
    const index = this.#head + number - this.#firstPage
    const page = this.#pages[index]
    if (page === undefined || page === null || page === FULL) {
      this.#clear()
      this.#firstPage = number
      return
    }
    if (this.#pages.length === 1) return
    this.#pages = [page]
    this.#counts = [this.#counts[index]!]
    this.#firstPage = number
    this.#head = 0
  }

  #clear(): void {
    this.#aheadCount = 0
    if (this.#pages.length === 0) return
    this.#pages = NO_PAGES
    this.#counts = NO_COUNTS
    this.#head = 0
  }
}

/** The first bit from `from` on that is not set; the page's size when all are. */
function firstMissing(page: Uint32Array, from: number): number {
  for (let word = from >>> 5; word < WORDS; word++) {
    const below = word === from >>> 5 ? (1 << (from & 31)) - 1 : 0
    const missing = ~(page[word]! | below)
    if (missing !== 0) return word * 32 + 31 - Math.clz32(missing & -missing)
  }
  return PAGE
}

/** The last bit up to `to` that is not set; -1 when all are. */
function lastMissing(page: Uint32Array, to: number): number {
  for (let word = to >>> 5; word >= 0; word--) {
    const bit = word === to >>> 5 ? to & 31 : 31
    const missing = ~page[word]! & (0xffff_ffff >>> (31 - bit))
    if (missing !== 0) return word * 32 + 31 - Math.clz32(missing)
  }
  return -1
}

/** Bits of a range that are set, both ends included. */
function onesIn(page: Uint32Array, first: number, last: number): number {
  let count = 0
  for (let word = first >>> 5; word <= last >>> 5; word++) {
    const low = word === first >>> 5 ? first & 31 : 0
    const high = word === last >>> 5 ? last & 31 : 31
    count += ones(page[word]! & (0xffff_ffff >>> (31 - high)) & (0xffff_ffff << low))
  }
  return count
}

function ones(bits: number): number {
  let word = bits - ((bits >>> 1) & 0x5555_5555)
  word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333)
  return Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
