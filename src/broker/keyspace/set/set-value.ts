import type { ByteReader, ByteWriter } from '../../../lib/bytes/index.ts'
import { IndexedSet } from '../../../lib/indexed-set.ts'
import { readBinary, writeBinary } from '../binary.ts'
import type { Value, ValueFactory } from '../value.ts'

const ADD = 0
const REMOVE = 1

/** Redis' set-max-intset-entries, set-max-listpack-entries and set-max-listpack-value. */
const INTSET_MAX = 512
const LISTPACK_MAX = 128
const LISTPACK_MEMBER_MAX = 64

/** Beside the characters of a member: its string, its place in the array and in the index. */
const MEMBER_BYTES = 64
const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/

/** How Redis would keep it: what OBJECT ENCODING says. */
export type SetEncoding = 'intset' | 'listpack' | 'hashtable'

/** A set of binary strings, in no particular order. */
export class SetValue implements Value {
  static readonly factory: ValueFactory = {
    kind: 'set',
    empty: () => new SetValue(),
    read: reader => SetValue.of(readMembers(reader)),
  }

  readonly kind = 'set'
  readonly #members = new IndexedSet()
  #memberBytes = 0
  #encoding: SetEncoding = 'intset'

  /** Members that come twice count once. */
  static of(members: Iterable<string>): SetValue {
    const made = new SetValue()
    for (const member of members) made.#add(member)
    return made
  }

  get count(): number {
    return this.#members.count
  }

  get sizeBytes(): number {
    return this.#members.count * MEMBER_BYTES + this.#memberBytes
  }

  get encoding(): SetEncoding {
    return this.#encoding
  }

  /** Do not change it, nor keep it. */
  get members(): readonly string[] {
    return this.#members.members
  }

  has(member: string): boolean {
    return this.#members.has(member)
  }

  /** Whoever walks from the last one down to 0 meets all that stay, whatever else changes. */
  at(index: number): string {
    return this.#members.at(index)
  }

  evolve(change: ByteReader): void {
    const kind = change.uint8()
    for (let left = change.varuint(); left > 0; left--) {
      if (kind === ADD) this.#add(readBinary(change))
      else this.#remove(readBinary(change))
    }
  }

  write(writer: ByteWriter): void {
    writeMembers(writer, this.members)
  }

  #add(member: string): void {
    if (this.#members.has(member)) return
    this.#members.push(member)
    this.#memberBytes += member.length
    this.#encoding = encodingWith(this.#encoding, this.count, member)
  }

  #remove(member: string): void {
    const index = this.#members.indexOf(member)
    if (index < 0) return
    this.#members.removeAt(index)
    this.#memberBytes -= member.length
  }
}

/** For `Database.change`: what is in the set already stays as it is. */
export function writeAdded(writer: ByteWriter, members: readonly string[]): void {
  writer.uint8(ADD)
  writeMembers(writer, members)
}

/** For `Database.change`. */
export function writeRemoved(writer: ByteWriter, members: readonly string[]): void {
  writer.uint8(REMOVE)
  writeMembers(writer, members)
}

function writeMembers(writer: ByteWriter, members: readonly string[]): void {
  writer.varuint(members.length)
  for (const member of members) writeBinary(writer, member)
}

function* readMembers(reader: ByteReader): Iterable<string> {
  for (let left = reader.varuint(); left > 0; left--) yield readBinary(reader)
}

/** It never goes back, as in Redis. */
function encodingWith(before: SetEncoding, count: number, member: string): SetEncoding {
  if (before === 'hashtable') return before
  if (before === 'intset' && isInteger(member)) {
    return count <= INTSET_MAX ? before : 'hashtable'
  }
  return count <= LISTPACK_MAX && member.length <= LISTPACK_MEMBER_MAX ? 'listpack' : 'hashtable'
}

function isInteger(member: string): boolean {
  if (!INTEGER.test(member)) return false
  return member.length < 19 || BigInt.asIntN(64, BigInt(member)) === BigInt(member)
}
