import type { Arguments } from '../../../../lib/resp/index.ts'
import { narrowed, parseIntegerText } from '../../../../lib/integer-text.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { integerAt } from '../../numbers.ts'
import { bitOffsetAt, bytesOrNone, writeBytes } from './access.ts'

type Overflow = 'wrap' | 'sat' | 'fail'

type Step = {
  readonly kind: 'get' | 'set' | 'incrby'
  readonly isSigned: boolean
  readonly width: number
  readonly offset: number
  readonly operand: bigint
  readonly overflow: Overflow
}

/** BITFIELD key [GET type offset | [OVERFLOW kind] SET type offset value | INCRBY …] … */
export const bitField =
  (isReadOnly: boolean) =>
  (call: Call): void => {
    const steps = stepsOf(call.args)
    const writing = steps.filter(({ kind }) => kind !== 'get')
    if (isReadOnly && writing.length > 0) {
      throw new ReplyError('ERR BITFIELD_RO only supports the GET subcommand')
    }
    const key = call.args.binary(1)
    const length = bytesOrNone(call, key).length
    const lengthMin = Math.max(
      0,
      ...writing.map(({ offset, width }) => lastByte(offset, width) + 1),
    )
    // It grows before anything else, also where nothing is written because it would overflow.
    if (lengthMin > length) writeBytes(call, key, lengthMin - 1, Buffer.of(0))
    let isChanged = lengthMin > length
    const results = steps.map(step => {
      const { result, isWritten } = run(call, key, step)
      if (isWritten) isChanged = true
      return result
    })
    if (isChanged) call.notify('$', 'setbit', key)
    call.reply.array(results.length)
    for (const result of results) {
      if (result === null) call.reply.nothing()
      else call.reply.integer(narrowed(result))
    }
  }

function stepsOf(args: Arguments): Step[] {
  const steps: Step[] = []
  let overflow: Overflow = 'wrap'
  for (let index = 2; index < args.count; ) {
    const left = args.count - index - 1
    const kind = args.lower(index)
    if (kind === 'overflow' && left >= 1) {
      overflow = overflowAt(args, index + 1)
      index += 2
    } else if (kind === 'get' && left >= 2) {
      steps.push({ kind, ...placeAt(args, index + 1), operand: 0n, overflow })
      index += 3
    } else if ((kind === 'set' || kind === 'incrby') && left >= 3) {
      const place = placeAt(args, index + 1)
      steps.push({ kind, ...place, operand: BigInt(integerAt(args, index + 3)), overflow })
      index += 4
    } else throw syntaxError()
  }
  return steps
}

function overflowAt(args: Arguments, index: number): Overflow {
  const name = args.lower(index)
  if (name === 'wrap' || name === 'sat' || name === 'fail') return name
  throw new ReplyError('ERR Invalid OVERFLOW type specified')
}

function placeAt(args: Arguments, index: number) {
  const type = args.binary(index)
  const width = parseIntegerText(type.slice(1))
  const isSigned = type.startsWith('i')
  const widthMax = isSigned ? 64 : 63
  if (!/^[iu]/.test(type) || typeof width !== 'number' || width < 1 || width > widthMax) {
    throw new ReplyError(
      'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but ' +
        'i64 is.',
    )
  }
  return { isSigned, width, offset: bitOffsetAt(args, index + 1, width) }
}

const lastByte = (offset: number, width: number): number => Math.floor((offset + width - 1) / 8)

/** What is answered; null: it would overflow, so nothing is written. */
function run(call: Call, key: string, step: Step): { result: bigint | null; isWritten: boolean } {
  const { kind, isSigned, width, offset, operand } = step
  const first = Math.floor(offset / 8)
  const window = Buffer.alloc(lastByte(offset, width) - first + 1)
  // Behind the end there are zeros.
  bytesOrNone(call, key)
    .subarray(first, first + window.length)
    .copy(window)
  const shift = BigInt((first + window.length) * 8 - offset - width)
  const all = window.length === 0 ? 0n : BigInt(`0x${window.toString('hex')}`)
  const bits = BigInt.asUintN(width, all >> shift)
  const before = isSigned ? BigInt.asIntN(width, bits) : bits
  if (kind === 'get') return { result: before, isWritten: false }
  // A number that is set is taken for one without a sign where the place has none.
  const given = isSigned || kind === 'incrby' ? operand : BigInt.asUintN(64, operand)
  const after = bounded(kind === 'set' ? given : before + operand, step)
  if (after === null) return { result: null, isWritten: false }
  if (after !== before) {
    const cleared = all & ~(((1n << BigInt(width)) - 1n) << shift)
    const written = cleared | (BigInt.asUintN(width, after) << shift)
    const hex = written.toString(16).padStart(window.length * 2, '0')
    writeBytes(call, key, first, Buffer.from(hex, 'hex'))
  }
  return { result: kind === 'set' ? before : after, isWritten: after !== before }
}

function bounded(value: bigint, { isSigned, width, overflow }: Step): bigint | null {
  const max = isSigned ? (1n << BigInt(width - 1)) - 1n : (1n << BigInt(width)) - 1n
  const min = isSigned ? -max - 1n : 0n
  if (value >= min && value <= max) return value
  if (overflow === 'fail') return null
  if (overflow === 'sat') return value > max ? max : min
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)
}
