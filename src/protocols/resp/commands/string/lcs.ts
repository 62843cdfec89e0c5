import type { StringValue } from '../../../../broker/keyspace/string/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'

/** What the table of lengths may take: `proto-max-bulk-len`. */
const TABLE_BYTES_MAX = 512 * 1024 * 1024

type Options = {
  readonly isLength: boolean
  readonly isIndexed: boolean
  readonly hasLengths: boolean
  readonly lengthMin: number
}

/** Where both strings have the same bytes: the first and the last one of each. */
type Match = { first: number; last: number; otherFirst: number; otherLast: number }

/** LCS key key [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN] */
export function longestCommon(call: Call): void {
  const { args, reply } = call
  const one = bytesOf(call, args.binary(1))
  const other = bytesOf(call, args.binary(2))
  const options = optionsOf(call)
  const table = new Table(one, other)
  if (options.isIndexed) writeMatches(call, table, options)
  else if (options.isLength) reply.integer(table.length)
  else reply.bulk(table.common())
}

function bytesOf({ db }: Call, key: string): Buffer {
  const type = db.typeOf(key)
  if (type === undefined) return Buffer.alloc(0)
  if (type === 'string') return (db.value(key) as StringValue).bytes()
  throw new ReplyError('ERR The specified keys must contain string values')
}

function optionsOf({ args }: Call): Options {
  let [isLength, isIndexed, hasLengths, lengthMin] = [false, false, false, 0]
  for (let index = 3; index < args.count; index++) {
    if (args.is(index, 'idx')) isIndexed = true
    else if (args.is(index, 'len')) isLength = true
    else if (args.is(index, 'withmatchlen')) hasLengths = true
    else if (args.is(index, 'minmatchlen') && index + 1 < args.count)
      lengthMin = Math.max(0, numberAt(args, ++index))
    else throw syntaxError()
  }
  if (isLength && isIndexed) {
    throw new ReplyError('ERR If you want both the length and indexes, please just use IDX.')
  }
  return { isLength, isIndexed, hasLengths, lengthMin }
}

function writeMatches({ reply }: Call, table: Table, { hasLengths, lengthMin }: Options): void {
  const matches = table.matches().filter(({ first, last }) => last - first + 1 >= lengthMin)
  reply.map(2)
  reply.text('matches')
  reply.array(matches.length)
  for (const { first, last, otherFirst, otherLast } of matches) {
    reply.array(hasLengths ? 3 : 2)
    writeRange(reply, first, last)
    writeRange(reply, otherFirst, otherLast)
    if (hasLengths) reply.integer(last - first + 1)
  }
  reply.text('len')
  reply.integer(table.length)
}

function writeRange(reply: Call['reply'], first: number, last: number): void {
  reply.array(2)
  reply.integer(first)
  reply.integer(last)
}

/** How long the longest common subsequence of each two beginnings is. */
class Table {
  readonly #one: Buffer
  readonly #other: Buffer
  readonly #width: number
  readonly #lengths: Uint32Array

  constructor(one: Buffer, other: Buffer) {
    this.#one = one
    this.#other = other
    this.#width = other.length + 1
    const cells = (one.length + 1) * this.#width
    if (cells * 4 > TABLE_BYTES_MAX) {
      throw new ReplyError(
        'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len',
      )
    }
    this.#lengths = new Uint32Array(cells)
    for (let row = 1; row <= one.length; row++) this.#fill(row)
  }

  get length(): number {
    return this.#lengths[this.#lengths.length - 1]!
  }

  common(): Buffer {
    const found = Buffer.alloc(this.length)
    let left = this.length
    this.#walk(row => {
      found[--left] = this.#one[row]!
    })
    return found
  }

  /** From the last to the first. */
  matches(): Match[] {
    const found: Match[] = []
    this.#walk((row, column) => {
      const match = found[found.length - 1]
      if (match !== undefined && match.first === row + 1 && match.otherFirst === column + 1) {
        match.first = row
        match.otherFirst = column
      } else found.push({ first: row, last: row, otherFirst: column, otherLast: column })
    })
    return found
  }

  #fill(row: number): void {
    const lengths = this.#lengths
    const byte = this.#one[row - 1]
    const start = row * this.#width
    for (let column = 1; column < this.#width; column++) {
      const at = start + column
      if (byte === this.#other[column - 1]) lengths[at] = lengths[at - this.#width - 1]! + 1
      else lengths[at] = Math.max(lengths[at - this.#width]!, lengths[at - 1]!)
    }
  }

  /** Visits what both have in common, from the end to the beginning. */
  #walk(visit: (row: number, column: number) => void): void {
    let row = this.#one.length
    let column = this.#other.length
    while (row > 0 && column > 0) {
      if (this.#one[row - 1] === this.#other[column - 1]) visit(--row, --column)
      else {
        const at = row * this.#width + column
        if (this.#lengths[at - this.#width]! > this.#lengths[at - 1]!) row--
        else column--
      }
    }
  }
}
