import { meter } from './meter.ts'
import { fail, type LuaValue } from './value.ts'

/** Functions that no script wrote. */
const natives = new WeakSet<object>()

export const isNative = (value: LuaValue): boolean =>
  typeof value === 'function' && natives.has(value)

/**
 * A table: an array for the keys 1 to n, and a list of other keys in the order in which they came,
 * with an index. A key whose value went stays in the list until it is built anew, so that a walk
 * goes on after it.
 */
export class LuaTable {
  /** Values of the keys 1 to n; the last one is not nil. */
  readonly array: LuaValue[]
  #keys: LuaValue[] = []
  #values: LuaValue[] = []
  #index: Map<LuaValue, number> | null = null
  /** Keys in the list whose value is nil. */
  #goneCount = 0
  metatable: LuaTable | null = null
  isReadonly = false

  constructor(array: LuaValue[] = []) {
    meter.slots += 1 + array.length
    this.array = array
    this.#trim()
  }

  /** Of a library: its functions are not a script's. */
  static of(entries: Readonly<Record<string, LuaValue>>): LuaTable {
    const table = new LuaTable()
    for (const [key, value] of Object.entries(entries)) {
      table.set(key, value)
      if (typeof value === 'function') natives.add(value)
    }
    return table
  }

  /** A border: this key is there and the next one is not. */
  get length(): number {
    return this.array.length
  }

  get(key: LuaValue): LuaValue {
    if (typeof key === 'number' && key > 0 && key <= this.array.length) {
      const value = this.array[key - 1]
      if (value !== undefined || Number.isInteger(key)) return value
    }
    if (this.#index === null) return undefined
    const at = this.#index.get(key)
    return at === undefined ? undefined : this.#values[at]
  }

  set(key: LuaValue, value: LuaValue): void {
    if (this.isReadonly) throw fail('Attempt to modify a readonly table')
    if (typeof key === 'number') {
      const { length } = this.array
      if (key > 0 && key <= length && Number.isInteger(key)) {
        this.array[key - 1] = value
        if (value === undefined && key === length) this.#trim()
        return
      }
      if (key === length + 1) {
        this.#append(value)
        return
      }
      if (Number.isNaN(key)) throw fail('table index is NaN')
    } else if (key === undefined) throw fail('table index is nil')
    this.#put(key, value)
  }

  /** The key after this one, undefined behind the last one; nil begins. */
  nextKey(key: LuaValue): LuaValue {
    let at = 0
    const isInArray = typeof key === 'number' && key > 0 && key <= this.array.length
    if (key === undefined || (isInArray && Number.isInteger(key))) {
      for (let next = key === undefined ? 0 : (key as number); next < this.array.length; next++) {
        if (this.array[next] !== undefined) return next + 1
      }
    } else {
      const place = this.#index?.get(key)
      // A number may have been the last of the array, which ended before it since.
      if (place === undefined && typeof key !== 'number') throw fail("invalid key to 'next'")
      at = place === undefined ? 0 : place + 1
    }
    for (; at < this.#keys.length; at++) {
      if (this.#values[at] !== undefined) return this.#keys[at]
    }
    return undefined
  }

  #append(value: LuaValue): void {
    if (value === undefined) {
      this.#put(this.array.length + 1, undefined)
      return
    }
    meter.slots++
    const key = this.array.length + 1
    if (this.#index?.has(key) === true) this.#put(key, undefined)
    this.array.push(value)
    // What was beyond a gap, and is not any more.
    while (this.#index !== null && this.#index.size > this.#goneCount) {
      const next = this.array.length + 1
      const at = this.#index.get(next)
      if (at === undefined || this.#values[at] === undefined) break
      this.array.push(this.#values[at])
      this.#put(next, undefined)
    }
  }

  #put(key: LuaValue, value: LuaValue): void {
    const at = this.#index?.get(key)
    if (at !== undefined) {
      if (value === undefined && this.#values[at] !== undefined) this.#goneCount++
      if (value !== undefined && this.#values[at] === undefined) this.#goneCount--
      this.#values[at] = value
      return
    }
    if (value === undefined) return
    meter.slots += 2
    if (this.#goneCount > 16 && this.#goneCount > this.#keys.length >> 1) this.#compact()
    this.#index ??= new Map()
    this.#index.set(key, this.#keys.length)
    this.#keys.push(key)
    this.#values.push(value)
  }

  #compact(): void {
    const [keys, values] = [this.#keys, this.#values]
    this.#keys = []
    this.#values = []
    this.#index = new Map()
    this.#goneCount = 0
    for (let at = 0; at < keys.length; at++) {
      if (values[at] === undefined) continue
      this.#index.set(keys[at], this.#keys.length)
      this.#keys.push(keys[at])
      this.#values.push(values[at])
    }
  }

  #trim(): void {
    const { array } = this
    while (array.length > 0 && array[array.length - 1] === undefined) array.pop()
  }
}
