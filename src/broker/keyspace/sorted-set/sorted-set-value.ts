import type { ByteReader, ByteWriter } from '../../../lib/bytes/index.ts'
import { IndexedSet } from '../../../lib/indexed-set.ts'
import { readBinary, writeBinary } from '../binary.ts'
import type { Value, ValueFactory } from '../value.ts'
import { OrderedMembers } from './ordered-members.ts'

const SET = 0
const REMOVE = 1
const REMOVE_RANKS = 2

/** Redis' zset-max-listpack-entries and zset-max-listpack-value. */
const LISTPACK_MAX = 128
const LISTPACK_MEMBER_MAX = 64

/** Beside the characters of a member: its string, its score, and its places in both orders. */
const MEMBER_BYTES = 96

/** How Redis would keep it: what OBJECT ENCODING says. */
export type SortedSetEncoding = 'listpack' | 'skiplist'

/** Binary strings with a score each, in the order of their scores, then of their bytes. */
export class SortedSetValue implements Value {
  static readonly factory: ValueFactory = {
    kind: 'zset',
    empty: () => new SortedSetValue(),
    read: reader => {
      const made = new SortedSetValue()
      made.#readScores(reader)
      return made
    },
  }

  readonly kind = 'zset'
  readonly #members = new IndexedSet()
  /** By the positions of the members. */
  readonly #scores: number[] = []
  readonly #ordered = new OrderedMembers()
  #memberBytes = 0
  #encoding: SortedSetEncoding = 'listpack'

  /** The last score of a member that comes twice counts. */
  static of(entries: Iterable<readonly [member: string, score: number]>): SortedSetValue {
    const made = new SortedSetValue()
    for (const [member, score] of entries) made.#set(member, score)
    return made
  }

  get count(): number {
    return this.#members.count
  }

  get sizeBytes(): number {
    return this.#members.count * MEMBER_BYTES + this.#memberBytes
  }

  get encoding(): SortedSetEncoding {
    return this.#encoding
  }

  /** Undefined when it is no member. */
  scoreOf(member: string): number | undefined {
    const index = this.#members.indexOf(member)
    return index < 0 ? undefined : this.#scores[index]!
  }

  /** How many are before it; -1 when it is no member. */
  rankOf(member: string): number {
    const index = this.#members.indexOf(member)
    return index < 0 ? -1 : this.#ordered.rankOf(this.#scores[index]!, member)
  }

  /** In order, by rank. */
  get ordered(): Pick<
    OrderedMembers,
    'memberAt' | 'scoreAt' | 'countWhile' | 'forEach' | 'forEachDown'
  > {
    return this.#ordered
  }

  /**
   * In an order of its own: whoever walks from the last position down to 0 meets all members that
   * stay, whatever else changes.
   */
  memberAtPosition(index: number): string {
    return this.#members.at(index)
  }

  scoreAtPosition(index: number): number {
    return this.#scores[index]!
  }

  evolve(change: ByteReader): void {
    const kind = change.uint8()
    if (kind === SET) this.#readScores(change)
    else if (kind === REMOVE_RANKS) this.#removeRanks(change.varuint(), change.varuint())
    else for (let left = change.varuint(); left > 0; left--) this.#remove(readBinary(change))
  }

  write(writer: ByteWriter): void {
    writer.varuint(this.count)
    this.#ordered.forEach(0, this.count, (member, score) => writeScore(writer, member, score))
  }

  #readScores(reader: ByteReader): void {
    for (let left = reader.varuint(); left > 0; left--) {
      const score = reader.float64()
      this.#set(readBinary(reader), score)
    }
  }

  #set(member: string, given: number): void {
    const score = given + 0 // There is one zero.
    const index = this.#members.indexOf(member)
    if (index < 0) {
      this.#members.push(member)
      this.#scores.push(score)
      this.#memberBytes += member.length
      if (this.count > LISTPACK_MAX || member.length > LISTPACK_MEMBER_MAX)
        this.#encoding = 'skiplist'
    } else {
      this.#ordered.remove(this.#scores[index]!, member)
      this.#scores[index] = score
    }
    this.#ordered.insert(score, member)
  }

  #remove(member: string): void {
    const index = this.#members.indexOf(member)
    if (index < 0) return
    this.#ordered.remove(this.#scores[index]!, member)
    this.#forget(index)
  }

  #removeRanks(from: number, to: number): void {
    this.#ordered.forEach(from, to, member => this.#forget(this.#members.indexOf(member)))
    this.#ordered.removeRange(from, to)
  }

  #forget(index: number): void {
    this.#memberBytes -= this.#members.at(index).length
    this.#members.removeAt(index)
    const last = this.#scores.pop()!
    if (index < this.#scores.length) this.#scores[index] = last
  }
}

/** For `Database.change`: members that get a score. */
export function writeScores(
  writer: ByteWriter,
  members: readonly string[],
  scores: readonly number[],
): void {
  writer.uint8(SET)
  writer.varuint(members.length)
  for (let at = 0; at < members.length; at++) writeScore(writer, members[at]!, scores[at]!)
}

/** For `Database.change`: members that go. */
export function writeMembersGone(writer: ByteWriter, members: readonly string[]): void {
  writer.uint8(REMOVE)
  writer.varuint(members.length)
  for (const member of members) writeBinary(writer, member)
}

/** For `Database.change`: ranks `from` to `to` (exclusive) go. */
export function writeRanksGone(writer: ByteWriter, from: number, to: number): void {
  writer.uint8(REMOVE_RANKS)
  writer.varuint(from)
  writer.varuint(to)
}

function writeScore(writer: ByteWriter, member: string, score: number): void {
  writer.float64(score)
  writeBinary(writer, member)
}
