import { Element, type List, type Side } from '../../../../broker/list/index.ts'
import type { Arguments, ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, wrongType } from '../../errors.ts'
import { integerAt, numberAt } from '../../numbers.ts'
import { nameOfKey } from '../../../../broker/keyspace/index.ts'
import { foreignName } from '../foreign.ts'

/** The element that was taken or looked at last. */
export const element = new Element()

/** The list of a key; undefined when there is none. Throws WRONGTYPE. */
export function listOf(call: Call, key: string): List | undefined {
  const { lists } = call.services.broker
  const name = foreignName(call, key)
  if (name !== undefined) {
    const list = lists.find(call.db.namespace, name)
    if (list !== undefined) return list
  }
  const type = call.db.typeOf(key)
  if (type === undefined) return undefined
  if (type !== 'list') throw wrongType()
  return lists.find(call.db.namespace, listName(key))
}

/** The same, made when there is none. */
export function openList(call: Call, key: string): List {
  const name = foreignName(call, key)
  if (name !== undefined) {
    const list = call.services.broker.lists.find(call.db.namespace, name)
    if (list !== undefined) return list
  }
  const type = call.db.typeOf(key)
  if (type !== undefined && type !== 'list') throw wrongType()
  return call.services.broker.lists.open(call.db.namespace, listName(key))
}

/** With a visibility timeout, what the client popped before is done when it asks for more. */
export function asksForMore(call: Call, key: string): void {
  const { session } = call.client
  const { lists } = call.services.broker
  if (session !== null && lists.isAnythingHeld)
    lists.done(session.id, call.db.namespace, listName(key))
}

/** Throws where the bytes of the key are no name. */
function listName(key: string): string {
  const name = nameOfKey(key)
  if (name !== undefined) return name
  throw new ReplyError('ERR a list is a queue, and its name has to be UTF-8')
}

/** Asked before anything is taken from another list: a policy may refuse what comes. */
export function demandRoom(list: List, key: string, count: number, bytes: number): void {
  if (list.hasRoom(count, bytes)) return
  throw new ReplyError(`ERR list '${listName(key)}' is full: its policy rejects what comes`)
}

/** Takes one element and writes it. The list has one. */
export function popOne(call: Call, reply: ReplyWriter, list: List, side: Side): void {
  list.pop(side, element, call.client.session?.id)
  reply.bulk(element.bytes, element.start, element.end)
}

/** Takes so many elements, or all, and writes them as an array. */
export function popMany(
  call: Call,
  reply: ReplyWriter,
  list: List,
  { side, count }: { readonly side: Side; readonly count: number },
): void {
  const taken = Math.min(count, list.length)
  reply.array(taken)
  for (let left = taken; left > 0; left--) popOne(call, reply, list, side)
}

export const pushed = { left: 'lpush', right: 'rpush' } as const
const popped = { left: 'lpop', right: 'rpop' } as const

/** Elements were taken from an end: says so, and when none is left. */
export function notifyPopped(call: Call, key: string, list: List, side: Side): void {
  notifyTaken(call, key, list, popped[side])
}

export function notifyTaken(call: Call, key: string, list: List, event: string): void {
  call.notify('l', event, key)
  if (list.length === 0) call.notify('g', 'del', key)
}

/** `LEFT` or `RIGHT`; undefined for anything else. */
export function sideAt(call: Call, index: number): Side | undefined {
  const word = call.args.lower(index)
  return word === 'left' || word === 'right' ? word : undefined
}

/** From `LRANGE`'s two indexes, negative from the right; null when nothing is between them. */
export function clampRange(
  length: number,
  start: number,
  stop: number,
): { readonly first: number; readonly last: number } | null {
  const first = Math.max(0, start < 0 ? length + start : start)
  const last = Math.min(length - 1, stop < 0 ? length + stop : stop)
  return first > last || first >= length ? null : { first, last }
}

/** A 64-bit integer whose opposite is one, too. */
export function rangedAt(args: Arguments, index: number): number {
  const value = integerAt(args, index)
  if (value !== -(2n ** 63n)) return numberAt(args, index)
  const [least, most] = ['-9223372036854775807', '9223372036854775807']
  throw new ReplyError(`ERR value is out of range, value must between ${least} and ${most}`)
}
