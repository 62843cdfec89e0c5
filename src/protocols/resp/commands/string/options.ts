import type { StringValue } from '../../../../broker/keyspace/string/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { syntaxError } from '../../errors.ts'
import { positiveExpiryOf, type TimeUnit } from '../times.ts'

/** Words that say when something expires: what SET, GETEX, HSETEX and others share. */
export const timeOptions: Readonly<Record<string, TimeUnit>> = {
  ex: { ms: 1000, isAbsolute: false },
  px: { ms: 1, isAbsolute: false },
  exat: { ms: 1000, isAbsolute: true },
  pxat: { ms: 1, isAbsolute: true },
}

/** On what SET and DELEX depend: that there is something, nothing, or something in particular. */
export type Condition =
  | { readonly kind: 'nx' | 'xx' }
  | { readonly kind: 'ifeq' | 'ifne'; readonly sought: string }

export type SetOptions = {
  readonly condition: Condition | null
  /** Milliseconds since 1970; null: it stays, or keeps the time it has. */
  readonly expiresAt: number | null
  readonly keepsExpiry: boolean
  readonly isGet: boolean
}

/** The options of SET, from the third word after it on. */
export function setOptionsAt(call: Call, start: number): SetOptions {
  const { args } = call
  let condition: Condition | null = null
  let time: { readonly index: number; readonly unit: TimeUnit } | null = null
  let keepsExpiry = false
  let isGet = false
  for (let index = start; index < args.count; index++) {
    const option = args.lower(index)
    const unit = timeOptions[option]
    const isTimed = time !== null || keepsExpiry
    if ((option === 'nx' || option === 'xx') && allows(condition, option)) {
      condition = { kind: option }
    } else if (isComparison(option) && condition === null && index + 1 < args.count) {
      condition = { kind: option, sought: args.binary(++index) }
    } else if (option === 'get') isGet = true
    else if (option === 'keepttl' && time === null) keepsExpiry = true
    else if (unit !== undefined && !isTimed && index + 1 < args.count) {
      time = { index: ++index, unit }
    } else throw syntaxError()
  }
  const expiresAt = time === null ? null : positiveExpiryOf(call, time.index, time.unit, 'set')
  return { condition, expiresAt, keepsExpiry, isGet }
}

/** The condition of DELEX: a word and what it compares with, or nothing. */
export function comparisonAt(args: Arguments, index: number): Condition | null {
  if (args.count === index) return null
  const option = args.lower(index)
  if (args.count !== index + 2 || !isComparison(option)) throw syntaxError()
  return { kind: option, sought: args.binary(index + 1) }
}

/** Whether what is there, or is not, is what the condition wants. */
export function holds(condition: Condition, value: StringValue | undefined): boolean {
  switch (condition.kind) {
    case 'nx':
      return value === undefined
    case 'xx':
      return value !== undefined
    case 'ifeq':
      return value !== undefined && value.text() === condition.sought
    case 'ifne':
      return value === undefined || value.text() !== condition.sought
  }
}

type Comparison = 'ifeq' | 'ifne'

const isComparison = (option: string): option is Comparison =>
  option === 'ifeq' || option === 'ifne'

/** The same word may be said twice. */
const allows = (condition: Condition | null, option: 'nx' | 'xx'): boolean =>
  condition === null || condition.kind === option
