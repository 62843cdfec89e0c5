import { matchesGlob } from '../../../../lib/glob.ts'
import { INT64_MAX, INT64_MIN } from '../../../../lib/integer-text.ts'
import { limits } from '../../../../limits/limits.ts'
import type { Call } from '../../command.ts'
import { outOfRange, ReplyError, syntaxError } from '../../errors.ts'
import { integerAt, numberAt } from '../../numbers.ts'
import { randomBelow, randomOf, sample, wantedAt } from '../set/random.ts'
import { cursorAt, positions } from '../set/scan.ts'
import { hashOf } from './access.ts'

function writeField({ reply }: Call, value: string | undefined): void {
  if (value === undefined) reply.nothing()
  else reply.binary(value)
}

export function get(call: Call): void {
  const { args } = call
  writeField(call, hashOf(call, call.key(1))?.get(args.binary(2)))
}

export function getMany(call: Call): void {
  const { args, reply } = call
  const hash = hashOf(call, call.key(1))
  reply.array(args.count - 2)
  for (let index = 2; index < args.count; index++) writeField(call, hash?.get(args.binary(index)))
}

export function getAll(call: Call): void {
  const hash = hashOf(call, call.key(1))
  const { reply } = call
  const count = hash?.count ?? 0
  reply.map(count)
  for (let index = 0; index < count; index++) {
    reply.binary(hash!.fields.nameAt(index))
    reply.binary(hash!.fields.valueAt(index))
  }
}

export function names(call: Call): void {
  const hash = hashOf(call, call.key(1))
  const count = hash?.count ?? 0
  call.reply.array(count)
  for (let index = 0; index < count; index++) call.reply.binary(hash!.fields.nameAt(index))
}

export function values(call: Call): void {
  const hash = hashOf(call, call.key(1))
  const count = hash?.count ?? 0
  call.reply.array(count)
  for (let index = 0; index < count; index++) call.reply.binary(hash!.fields.valueAt(index))
}

export function count(call: Call): void {
  call.reply.integer(hashOf(call, call.key(1))?.count ?? 0)
}

export function has(call: Call): void {
  const { args, reply } = call
  reply.integer(hashOf(call, call.key(1))?.has(args.binary(2)) === true ? 1 : 0)
}

export function lengthOf(call: Call): void {
  const { args, reply } = call
  reply.integer(hashOf(call, call.key(1))?.get(args.binary(2))?.length ?? 0)
}

/** HRANDFIELD key [count [WITHVALUES]] */
export function random(call: Call): void {
  const { args, reply } = call
  const source = randomOf(call)
  if (args.count === 2) {
    const hash = hashOf(call, call.key(1))
    return writeField(call, hash?.fields.nameAt(randomBelow(source, hash.count)))
  }
  if (integerAt(args, 2) === INT64_MIN) {
    throw new ReplyError(
      `ERR value is out of range, value must between -${INT64_MAX} and ${INT64_MAX}`,
    )
  }
  const wanted = wantedAt(call, 2)
  if (args.count > 4 || (args.count === 4 && !args.is(3, 'withvalues'))) throw syntaxError()
  const hasValues = args.count === 4
  // Twice as many replies would be more than a number of 64 bits.
  if (hasValues && Math.abs(Number(integerAt(args, 2))) > 2 ** 62) throw outOfRange()
  const hash = hashOf(call, call.key(1))
  if (hash === undefined) return reply.array(0)
  const size = hash.count
  const chosen =
    wanted >= size
      ? Array.from({ length: size }, (_, index) => index)
      : wanted >= 0
        ? sample(source, size, wanted)
        : Array.from({ length: -wanted }, () => randomBelow(source, size))
  const isFlat = hasValues && reply.version === 2
  reply.array(chosen.length * (isFlat ? 2 : 1))
  for (const index of chosen) {
    if (hasValues && !isFlat) reply.array(2)
    reply.binary(hash.fields.nameAt(index))
    if (hasValues) reply.binary(hash.fields.valueAt(index))
  }
}

/** HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES] */
export function scan(call: Call): void {
  const { args, reply } = call
  const cursor = cursorAt(args, 2)
  const hash = hashOf(call, call.key(1))
  const found: string[] = []
  let next = 0
  if (hash !== undefined) {
    const { count: wanted, pattern, isBare } = scanOptionsOf(args)
    const { fields } = hash
    const size = { size: hash.count, isWhole: fields.isSmall, count: wanted }
    const { from, to } = positions(cursor, size)
    const visit = (at: number): void => {
      if (pattern !== null && !matchesGlob(pattern, fields.nameAt(at))) return
      found.push(fields.nameAt(at))
      if (!isBare) found.push(fields.valueAt(at))
    }
    // What comes whole comes in its order.
    if (fields.isSmall) for (let at = from; at < to; at++) visit(at)
    else for (let at = to - 1; at >= from; at--) visit(at)
    next = from
  }
  reply.array(2)
  reply.binary(String(next))
  reply.array(found.length)
  for (const text of found) reply.binary(text)
}

function scanOptionsOf(args: Call['args']) {
  let count = 10
  let pattern: string | null = null
  let isBare = false
  for (let index = 3; index < args.count; index++) {
    const hasValue = index + 1 < args.count
    if (args.is(index, 'novalues')) isBare = true
    else if (args.is(index, 'match') && hasValue) pattern = args.binary(++index)
    else if (args.is(index, 'count') && hasValue) {
      count = numberAt(args, ++index)
      if (count < 1) throw syntaxError()
    } else throw syntaxError()
  }
  return {
    count: Math.min(count, limits.scanCountMax),
    pattern: pattern === '*' ? null : pattern,
    isBare,
  }
}
