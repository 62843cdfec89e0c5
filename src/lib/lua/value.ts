import type { LuaTable } from './table.ts'

/** What Lua calls userdata: only its identity matters. */
export class LuaUserdata {
  readonly label: string

  constructor(label: string) {
    this.label = label
  }
}

/** Strings are binary: one character for each byte. Nil is undefined. */
export type LuaValue = undefined | boolean | number | string | LuaTable | LuaFunction | LuaUserdata

/** One value; or an array: several, or none. */
export type LuaResult = LuaValue | readonly LuaValue[]
export type LuaFunction = (...args: LuaValue[]) => LuaResult

export const NONE: readonly LuaValue[] = []

/**
 * An error of a script: any value, which `pcall` gives. A text that is not positioned yet gets
 * chunk and line in front where it is caught.
 */
export class LuaError extends Error {
  override readonly name = 'LuaError'
  readonly value: LuaValue
  readonly isPositioned: boolean

  constructor(value: LuaValue, isPositioned: boolean) {
    super(typeof value === 'string' ? value : 'an error that is no text')
    this.value = value
    this.isPositioned = isPositioned
  }
}

/** A script went beyond a bound; no `pcall` catches it. */
export class LuaAborted extends Error {
  override readonly name = 'LuaAborted'
}

/** An error whose text gets chunk and line in front. */
export const fail = (message: string): LuaError => new LuaError(message, false)

export function first(result: LuaResult): LuaValue {
  return Array.isArray(result) ? (result as readonly LuaValue[])[0] : (result as LuaValue)
}

export function all(result: LuaResult): readonly LuaValue[] {
  return Array.isArray(result) ? (result as readonly LuaValue[]) : [result as LuaValue]
}

export const isTrue = (value: LuaValue): boolean => value !== undefined && value !== false
