import { HashValue, writeFieldExpiry } from '../../../../broker/keyspace/hash/index.ts'
import { nameOfKey, type Value } from '../../../../broker/keyspace/index.ts'
import { SetValue } from '../../../../broker/keyspace/set/index.ts'
import { SortedSetValue } from '../../../../broker/keyspace/sorted-set/index.ts'
import { StringValue } from '../../../../broker/keyspace/string/index.ts'
import { MalformedError } from '../../../../lib/bytes/index.ts'
import { limits } from '../../../../limits/limits.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { integerAt, numberAt } from '../../numbers.ts'
import { type Content, isDump, load, save } from '../../rdb/index.ts'
import { hashFieldsOf } from '../hash/access.ts'
import { membersOf } from '../set/access.ts'
import { listElementsOf } from './elements.ts'

export function dump(call: Call): void {
  const { args, db, reply } = call
  const key = args.binary(1)
  const type = db.typeOf(key)
  if (type === undefined) return reply.nothing()
  reply.bulk(save(contentOf(call, key)))
}

function contentOf(call: Call, key: string): Content {
  const { db } = call
  const value = db.value(key)
  if (value instanceof StringValue) return { type: 'string', bytes: value.bytes() }
  if (value instanceof SetValue) return { type: 'set', members: membersOf(value) }
  if (value instanceof HashValue) return { type: 'hash', ...hashFieldsOf(value) }
  if (value instanceof SortedSetValue) {
    const scores: [string, number][] = []
    // Redis writes the last one first.
    value.ordered.forEachDown(0, value.count, (member, score) => void scores.push([member, score]))
    return { type: 'zset', scores }
  }
  const elements = listElementsOf(call, key)
  if (elements !== undefined) return { type: 'list', elements }
  throw new ReplyError('ERR a stream is a topic, and cannot be dumped')
}

type Options = {
  readonly isReplacing: boolean
  readonly isAbsolute: boolean
  readonly idle: number
}

/** RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ count] */
export function restore(call: Call): void {
  const { args, db, reply } = call
  const { isReplacing, isAbsolute, idle } = optionsOf(call)
  const key = args.binary(1)
  if (!isReplacing && db.has(key)) {
    throw new ReplyError('BUSYKEY Target key name already exists.')
  }
  const ttl = numberAt(args, 2)
  if (ttl < 0) throw new ReplyError('ERR Invalid TTL value, must be >= 0')
  const bytes = args.view(3)
  if (!isDump(bytes)) throw new ReplyError('ERR DUMP payload version or checksum are wrong')
  const content = contentIn(bytes)
  const value = content.type === 'list' ? listOf(key, content) : valueOf(content)
  const expiresAt = ttl === 0 ? null : ttl + (isAbsolute ? 0 : call.now)
  const wasThere = db.delete(key)
  if (expiresAt !== null && expiresAt <= call.now) {
    if (wasThere) call.notify('g', 'del', key)
    return reply.ok()
  }
  if (Array.isArray(value)) pushAll(call, key, value)
  else db.put(key, value, null)
  if (content.type === 'hash') {
    for (const [field, time] of content.expiry)
      db.change(key, 'hash', writer => writeFieldExpiry(writer, [field], time))
  }
  if (expiresAt !== null) db.expireAt(key, expiresAt)
  if (idle >= 0) db.setUsedAt(key, call.now - idle * 1000)
  call.notify('g', 'restore', key)
  reply.ok()
}

function optionsOf({ args }: Call): Options {
  let [isReplacing, isAbsolute, idle] = [false, false, -1]
  for (let index = 4; index < args.count; index++) {
    const hasValue = index + 1 < args.count
    if (args.is(index, 'replace')) isReplacing = true
    else if (args.is(index, 'absttl')) isAbsolute = true
    else if (args.is(index, 'idletime') && hasValue && idle < 0) {
      idle = numberAt(args, ++index)
      if (idle < 0) throw new ReplyError('ERR Invalid IDLETIME value, must be >= 0')
    } else if (args.is(index, 'freq') && hasValue && idle < 0) {
      const frequency = integerAt(args, ++index)
      if (frequency < 0 || frequency > 255) {
        throw new ReplyError('ERR Invalid FREQ value, must be >= 0 and <= 255')
      }
    } else throw syntaxError()
  }
  return { isReplacing, isAbsolute, idle }
}

function contentIn(bytes: Buffer): Content {
  try {
    return load(bytes)
  } catch (thrown) {
    if (thrown instanceof MalformedError) throw new ReplyError('ERR Bad data format')
    throw thrown
  }
}

function listOf(key: string, { elements }: { readonly elements: readonly string[] }): Buffer[] {
  if (nameOfKey(key) === undefined) {
    throw new ReplyError('ERR a list is a queue, and its name has to be UTF-8')
  }
  if (elements.length === 0) throw new ReplyError('ERR Bad data format')
  return elements.map(element => Buffer.from(element, 'latin1'))
}

function pushAll({ db, services }: Call, key: string, elements: readonly Buffer[]): void {
  const list = services.broker.lists.open(db.namespace, nameOfKey(key)!)
  for (const element of elements) list.push('right', element)
}

function valueOf(content: Exclude<Content, { type: 'list' }>): Value {
  if (sizeOf(content) < 1 || sizeOf(content) > limits.hashFieldsMax) {
    throw new ReplyError('ERR Bad data format')
  }
  switch (content.type) {
    case 'string':
      return StringValue.copyOf(content.bytes)
    case 'set':
      return SetValue.of(content.members)
    case 'zset':
      return SortedSetValue.of(content.scores)
    case 'hash':
      return HashValue.of(content.pairs)
  }
}

/** Elements, which must be some, and not more than an index can hold. */
function sizeOf(content: Exclude<Content, { type: 'list' }>): number {
  if (content.type === 'string') return 1
  if (content.type === 'set') return content.members.length
  return content.type === 'zset' ? content.scores.length : content.pairs.length / 2
}
