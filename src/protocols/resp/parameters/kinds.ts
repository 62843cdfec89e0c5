import { ReplyError } from '../errors.ts'
import type { Parameter } from './parameters.ts'

/** Why a value is not taken, in Redis' words. */
export const refusedValue = (name: string, why: string): ReplyError =>
  new ReplyError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`)

/** It is what it is. */
export const fixed = (name: string, value: string | (() => string)): Parameter => ({
  name,
  get: typeof value === 'string' ? () => value : value,
})

/** It cannot be otherwise, but may be set to what it is. */
export function only(name: string, get: () => string): Parameter {
  return {
    name,
    get,
    set: value => {
      if (value.toLowerCase() === get()) return
      throw refusedValue(name, `argument(s) must be one of the following: ${get()}`)
    },
  }
}

export const text = (name: string, get: () => string, set: (value: string) => void): Parameter => ({
  name,
  get,
  set,
})

export function yesNo(name: string, get: () => boolean, set: (value: boolean) => void): Parameter {
  return {
    name,
    get: () => (get() ? 'yes' : 'no'),
    set: value => {
      const word = value.toLowerCase()
      if (word !== 'yes' && word !== 'no')
        throw refusedValue(name, "argument must be 'yes' or 'no'")
      set(word === 'yes')
    },
  }
}

type Range = { readonly min: number; readonly max: number }

export function integer(
  name: string,
  { min, max }: Range,
  get: () => number,
  set: (value: number) => void,
): Parameter {
  return {
    name,
    get: () => String(get()),
    set: value => {
      const number = /^-?\d{1,19}$/.test(value) ? Number(value) : Number.NaN
      if (Number.isNaN(number))
        throw refusedValue(name, "argument couldn't be parsed into an integer")
      checkRange(name, number, { min, max })
      set(number)
    },
  }
}

/** Bytes, also as `100mb`. */
export function memory(
  name: string,
  { min, max }: Range,
  get: () => number,
  set: (value: number) => void,
): Parameter {
  return {
    name,
    get: () => String(get()),
    set: value => {
      const bytes = memoryBytes(value)
      if (bytes === null) throw refusedValue(name, 'argument must be a memory value')
      checkRange(name, bytes, { min, max })
      set(bytes)
    },
  }
}

export function choice<Word extends string>(
  name: string,
  words: readonly Word[],
  get: () => Word,
  set: (value: Word) => void,
): Parameter {
  return {
    name,
    get,
    set: value => {
      const word = words.find(each => each === value.toLowerCase())
      if (word === undefined)
        throw refusedValue(name, `argument(s) must be one of the following: ${words.join(', ')}`)
      set(word)
    },
  }
}

function checkRange(name: string, value: number, { min, max }: Range): void {
  if (value >= min && value <= max) return
  throw refusedValue(name, `argument must be between ${min} and ${max} inclusive`)
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1000,
  kb: 1024,
  m: 1000 ** 2,
  mb: 1024 ** 2,
  g: 1000 ** 3,
  gb: 1024 ** 3,
}

/** `64mb` and the like; null when it is none, or more than can be counted. */
export function memoryBytes(value: string): number | null {
  const found = /^(\d+)([a-z]*)$/i.exec(value)
  const unit = found === null ? undefined : units[found[2]!.toLowerCase()]
  const bytes = unit === undefined ? Number.NaN : Number(found![1]) * unit
  return Number.isSafeInteger(bytes) ? bytes : null
}
