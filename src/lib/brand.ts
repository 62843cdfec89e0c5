import { assert } from './assert.ts'

declare const unit: unique symbol
export type Brand<Base, Name extends string> = Base & { readonly [unit]: Name }

/** A position in one log. Never mix it with a count, an index or a size in bytes. */
export type Offset = Brand<number, 'Offset'>
/** Wall-clock time in whole milliseconds since 1970, as all six protocols write it. */
export type Millis = Brand<number, 'Millis'>

export function Offset(value: number): Offset {
  assert(Number.isSafeInteger(value) && value >= 0, 'an offset is a whole number, zero or more')
  return value as Offset
}
export const Millis = (value: number): Millis => value as Millis
