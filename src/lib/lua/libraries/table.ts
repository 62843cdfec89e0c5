import { Given } from './arguments.ts'
import { concat, lt, typeOf } from '../operators.ts'
import { spend } from '../meter.ts'
import { LuaTable } from '../table.ts'
import { fail, first, isTrue, type LuaFunction, type LuaValue, NONE } from '../value.ts'

/** For each item that is sorted. */
const SORT_WORK = 10

const insert: LuaFunction = (...values) => {
  const given = new Given('insert', values)
  const table = given.table(1)
  const end = table.length + 1
  if (values.length === 2) table.set(end, values[1])
  else if (values.length === 3) {
    const at = given.integer(2)
    spend(Math.max(0, end - at))
    for (let place = Math.max(end, at); place > at; place--) table.set(place, table.get(place - 1))
    table.set(at, values[2])
  } else throw fail("wrong number of arguments to 'insert'")
  return NONE
}

const remove: LuaFunction = (...values) => {
  const given = new Given('remove', values)
  const table = given.table(1)
  const end = table.length
  const at = given.integer(2, end)
  if (!(at >= 1 && at <= end)) return NONE
  spend(end - at)
  const removed = table.get(at)
  for (let place = at; place < end; place++) table.set(place, table.get(place + 1))
  table.set(end, undefined)
  return removed
}

const join: LuaFunction = (...values) => {
  const given = new Given('concat', values)
  const table = given.table(1)
  const separator = given.string(2, '')
  const from = given.integer(3, 1)
  const to = given.integer(4, table.length)
  spend(Math.max(0, to - from))
  let text: LuaValue = ''
  for (let at = from; at <= to; at++) {
    const item = table.get(at)
    if (typeof item !== 'string' && typeof item !== 'number') {
      throw fail(`invalid value (${typeOf(item)}) at index ${at} in table for 'concat'`)
    }
    text = concat(text, item)
    if (at < to) text = concat(text, separator)
  }
  return text
}

/** An order that contradicts itself gives some order, or the error that Lua has for it. */
const sort: LuaFunction = (...values) => {
  const table = new Given('sort', values).table(1)
  const before = values[1]
  if (before !== undefined && typeof before !== 'function') {
    throw new Given('sort', values).mistyped(2, 'function')
  }
  if (table.isReadonly) throw fail('Attempt to modify a readonly table')
  const isLess =
    before === undefined
      ? lt
      : (one: LuaValue, other: LuaValue): boolean => isTrue(first(before(one, other)))
  spend(table.length * SORT_WORK)
  const items: LuaValue[] = []
  for (let at = 1; at <= table.length; at++) items.push(table.get(at))
  // Not the language's own sort: it would put nil at the end without asking.
  mergeSort(items, isLess)
  for (const [at, item] of items.entries()) table.set(at + 1, item)
  return NONE
}

function mergeSort(items: LuaValue[], isLess: (one: LuaValue, other: LuaValue) => boolean): void {
  let from = items.slice()
  let to = items.slice()
  for (let width = 1; width < items.length; width *= 2) {
    for (let start = 0; start < items.length; start += 2 * width) {
      const middle = Math.min(start + width, items.length)
      const end = Math.min(start + 2 * width, items.length)
      let [left, right] = [start, middle]
      for (let at = start; at < end; at++) {
        const isRight = left >= middle || (right < end && isLess(from[right], from[left]))
        to[at] = isRight ? from[right++] : from[left++]
      }
    }
    ;[from, to] = [to, from]
  }
  for (let at = 0; at < items.length; at++) items[at] = from[at]
}

function maxKey(table: LuaTable): number {
  spend(table.length)
  let most = 0
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
    if (typeof key === 'number' && key > most) most = key
  }
  return most
}

const forEach: LuaFunction = (...values) => {
  const given = new Given('foreach', values)
  const table = given.table(1)
  const visit = given.function(2)
  for (let key = table.nextKey(undefined); key !== undefined; key = table.nextKey(key)) {
    const result = first(visit(key, table.get(key)))
    if (result !== undefined) return result
  }
  return NONE
}

const forEachItem: LuaFunction = (...values) => {
  const given = new Given('foreachi', values)
  const table = given.table(1)
  const visit = given.function(2)
  const { length } = table
  for (let at = 1; at <= length; at++) {
    const result = first(visit(at, table.get(at)))
    if (result !== undefined) return result
  }
  return NONE
}

export const tableLibrary = (): LuaTable =>
  LuaTable.of({
    insert,
    remove,
    sort,
    concat: join,
    foreach: forEach,
    foreachi: forEachItem,
    getn: (...values) => new Given('getn', values).table(1).length,
    maxn: (...values) => maxKey(new Given('maxn', values).table(1)),
    setn: () => {
      throw fail("'setn' is obsolete")
    },
  })
