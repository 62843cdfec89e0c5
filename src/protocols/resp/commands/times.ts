import { INT64_MAX, INT64_MIN } from '../../../lib/integer-text.ts'
import type { Call } from '../command.ts'
import { ReplyError } from '../errors.ts'
import { integerAt } from '../numbers.ts'

/** How a word says when something expires: in which unit, and from which moment on. */
export type TimeUnit = {
  readonly ms: 1 | 1000
  readonly isAbsolute: boolean
}

/** Milliseconds since 1970. Beyond 64 bits: `ERR invalid expire time`. */
export function expiryOf(call: Call, index: number, unit: TimeUnit, command: string): number {
  const value = integerAt(call.args, index)
  const base = unit.isAbsolute ? 0 : call.now
  const time =
    typeof value === 'number' && Math.abs(value) < 2 ** 42
      ? value * unit.ms + base
      : long(BigInt(value), unit, BigInt(base))
  if (time === undefined) throw invalidTime(command)
  return time
}

/** The same where only times to come make sense: one below 1 is invalid as well. */
export function positiveExpiryOf(
  call: Call,
  index: number,
  unit: TimeUnit,
  command: string,
): number {
  if (integerAt(call.args, index) <= 0) throw invalidTime(command)
  return expiryOf(call, index, unit, command)
}

export const invalidTime = (command: string): ReplyError =>
  new ReplyError(`ERR invalid expire time in '${command}' command`)

/** Cut to what a number holds exactly: nobody is there in 285,000 years. */
function long(value: bigint, unit: TimeUnit, base: bigint): number | undefined {
  const ms = value * BigInt(unit.ms)
  if (ms > INT64_MAX || ms < INT64_MIN || ms + base > INT64_MAX) return undefined
  const time = Number(ms + base)
  return Math.max(Math.min(time, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER)
}
