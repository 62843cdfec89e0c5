import { StringValue } from '../../../../broker/keyspace/string/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { integerIn, numberAt } from '../../numbers.ts'
import { bitOffsetAt, bytesOf, bytesOrNone, writeBytes } from './access.ts'
import { countOnes, firstBit } from './scan.ts'

export function setBit(call: Call): void {
  const { args, reply } = call
  const offset = bitOffsetAt(args, 2)
  const wanted = integerIn(args, 3)
  if (wanted !== 0 && wanted !== 1) {
    throw new ReplyError('ERR bit is not an integer or out of range')
  }
  const key = args.binary(1)
  const bytes = bytesOrNone(call, key)
  const at = Math.floor(offset / 8)
  const mask = 0x80 >> (offset % 8)
  const before = at < bytes.length ? bytes[at]! : 0
  const after = wanted === 1 ? before | mask : before & ~mask
  if (after !== before || at >= bytes.length) {
    writeBytes(call, key, at, Buffer.of(after))
    call.notify('$', 'setbit', key)
  }
  reply.integer((before & mask) === 0 ? 0 : 1)
}

export function getBit(call: Call): void {
  const { args, reply } = call
  const offset = bitOffsetAt(args, 2)
  const bytes = bytesOrNone(call, args.binary(1))
  const byte = bytes[Math.floor(offset / 8)] ?? 0
  reply.integer((byte & (0x80 >> (offset % 8))) === 0 ? 0 : 1)
}

/** BITCOUNT key [start end [BYTE | BIT]]. Of a key that is not there nothing else is looked at. */
export function count(call: Call): void {
  const { args, reply } = call
  const bytes = bytesOf(call, args.binary(1))
  if (bytes === undefined) return reply.integer(0)
  if (args.count !== 2 && args.count !== 4 && args.count !== 5) throw syntaxError()
  const hasRange = args.count > 2
  const first = hasRange ? numberAt(args, 2) : 0
  const last = hasRange ? numberAt(args, 3) : -1
  const unit = unitAt(args, 4)
  if (first < 0 && last < 0 && first > last) return reply.integer(0)
  const range = bitRange(first, last, unit, bytes)
  reply.integer(range === undefined ? 0 : countOnes(bytes, range.start, range.end))
}

/** BITPOS key bit [start [end [BYTE | BIT]]] */
export function position(call: Call): void {
  const { args, reply } = call
  const bit = numberAt(args, 2)
  if (bit !== 0 && bit !== 1) throw new ReplyError('ERR The bit argument must be 1 or 0.')
  const bytes = bytesOf(call, args.binary(1))
  if (bytes === undefined) return reply.integer(bit === 1 ? -1 : 0)
  if (args.count > 6) throw syntaxError()
  const first = args.count > 3 ? numberAt(args, 3) : 0
  const unit = unitAt(args, 5)
  const hasEnd = args.count > 4
  const last = hasEnd ? numberAt(args, 4) : -1
  const range = bitRange(first, last, unit, bytes)
  if (range === undefined) return reply.integer(-1)
  const found = firstBit(bytes, { bit, start: range.start, end: range.end })
  // Behind the end there are zeros, unless somebody said where it ends.
  reply.integer(found < 0 && bit === 0 && !hasEnd ? bytes.length * 8 : found)
}

/** BITOP AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE target key … */
export function combine(call: Call): void {
  const { args, db, reply } = call
  const name = args.lower(1)
  const operation = operations[name]
  if (operation === undefined) throw syntaxError()
  if (name === 'not' && args.count !== 4) {
    throw new ReplyError('ERR BITOP NOT must be called with a single source key.')
  }
  if (operation.sourcesMin > args.count - 3) {
    throw new ReplyError(
      `ERR BITOP ${name.toUpperCase()} must be called with at least two source keys.`,
    )
  }
  const sources: Buffer[] = []
  for (let index = 3; index < args.count; index++) {
    sources.push(bytesOrNone(call, args.binary(index)))
  }
  const result = combined(sources, operation.of)
  const target = args.binary(2)
  if (result.length > 0) {
    db.put(target, StringValue.copyOf(result))
    call.notify('$', 'set', target)
  } else if (db.delete(target)) call.notify('g', 'del', target)
  reply.integer(result.length)
}

type Unit = 'byte' | 'bit'

function unitAt(args: Arguments, index: number): Unit {
  if (index >= args.count) return 'byte'
  if (args.is(index, 'bit')) return 'bit'
  if (args.is(index, 'byte')) return 'byte'
  throw syntaxError()
}

/** In bits, `end` not included; undefined when there is none. Negative ones count from the end. */
function bitRange(
  first: number,
  last: number,
  unit: Unit,
  bytes: Buffer,
): { start: number; end: number } | undefined {
  const size = unit === 'bit' ? bytes.length * 8 : bytes.length
  const from = first < 0 ? Math.max(0, size + first) : first
  const to = Math.min(last < 0 ? Math.max(0, size + last) : last, size - 1)
  if (from > to) return undefined
  const bits = unit === 'bit' ? 1 : 8
  return { start: from * bits, end: (to + 1) * bits }
}

type Operation = {
  readonly sourcesMin: number
  /** Of the same byte of all sources. */
  readonly of: (bytes: readonly number[]) => number
}

const or = (bytes: readonly number[]): number => bytes.reduce((one, other) => one | other, 0)

const operations: Readonly<Record<string, Operation>> = {
  and: { sourcesMin: 1, of: bytes => bytes.reduce((one, other) => one & other) },
  or: { sourcesMin: 1, of: or },
  xor: { sourcesMin: 1, of: bytes => bytes.reduce((one, other) => one ^ other) },
  not: { sourcesMin: 1, of: ([byte]) => ~byte! & 0xff },
  // Since Redis 8.2: in the first and none of the others, the reverse, in the first and any other.
  diff: { sourcesMin: 2, of: ([first, ...rest]) => first! & ~or(rest) },
  diff1: { sourcesMin: 2, of: ([first, ...rest]) => or(rest) & ~first! },
  andor: { sourcesMin: 2, of: ([first, ...rest]) => first! & or(rest) },
  one: { sourcesMin: 1, of: onlyOnce },
}

function onlyOnce(bytes: readonly number[]): number {
  let once = 0
  let often = 0
  for (const byte of bytes) {
    often |= once & byte
    once |= byte
  }
  return once & ~often
}

function combined(sources: readonly Buffer[], of: Operation['of']): Buffer {
  const result = Buffer.alloc(Math.max(...sources.map(({ length }) => length)))
  const bytes = sources.map(() => 0)
  for (let at = 0; at < result.length; at++) {
    for (let index = 0; index < sources.length; index++) bytes[index] = sources[index]![at] ?? 0
    result[at] = of(bytes)
  }
  return result
}
