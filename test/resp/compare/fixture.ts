import { type Reply, itemsOf, show } from '../reply.ts'
import type { RespSocket } from '../socket.ts'
import { timeless } from './timeless.ts'

/** Keys of every type, for commands that need not be told what they work on. */
export const fixture: readonly string[] = [
  'SET str abc',
  'SET num 10',
  'RPUSH list a b c d b',
  'RPUSH list2 x y',
  'SADD set a b c 1 2',
  'SADD set2 b c 3',
  'ZADD zset 1 a 2 b 3 c 4.5 d',
  'ZADD zset2 10 b 20 x',
  'ZADD lex 0 a 0 b 0 c 0 d',
  'HSET hash f1 v1 f2 5 f3 1.5',
  'XADD stream 1-1 f v',
  'XADD stream 2-1 f w g x',
  'XADD stream 3-0 f z',
  'XGROUP CREATE stream group 0',
  'XREADGROUP GROUP group c1 COUNT 2 STREAMS stream >',
  'GEOADD geo 13.361389 38.115556 Palermo 15.087269 37.502669 Catania',
  'PFADD hll a b c',
  'SET volatile v EX 100000',
]

/** Sends all at once: whether each was taken is not looked at. */
export async function fill(socket: RespSocket): Promise<void> {
  const lines = ['FLUSHALL', ...fixture]
  await askAll(
    socket,
    lines.map(line => line.split(' ')),
  )
}

/** Every key with all that can be read of it, in an order of its own. */
export async function contents(socket: RespSocket): Promise<Map<string, string>> {
  const keys = itemsOf(await socket.ask('KEYS', '*')).map(textOf)
  const found = new Map<string, string>()
  const types = await askAll(
    socket,
    keys.map(key => ['TYPE', key]),
  )
  const reads = keys.map((key, index) => (readers[textOf(types[index]!)] ?? readers['none']!)(key))
  const replies = await askAll(socket, [...reads, ...keys.map(key => ['PTTL', key])])
  for (const [index, key] of keys.entries()) {
    const type = textOf(types[index]!)
    const items = itemsOf(replies[index]!).map(show)
    if (type === 'set') items.sort()
    if (type === 'hash') items.splice(0, Infinity, ...pairs(items).sort())
    const shown = 'items' in replies[index]! ? `[${items.join(', ')}]` : show(replies[index]!)
    const ttlMs = Number(textOf(replies[keys.length + index]!))
    const ttl = ttlMs < 0 ? '' : ` for ${ttlMs > 1e9 ? 'long' : Math.round(ttlMs / 1e4)}`
    found.set(key, timeless(`${type} ${shown}${ttl}`))
  }
  return found
}

/** What is new, other, or gone. */
export function changes(before: Map<string, string>, after: Map<string, string>): string {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names
    .filter(name => before.get(name) !== after.get(name))
    .map(name => `; ${show({ kind: 'bulk', text: name })} = ${after.get(name) ?? 'gone'}`)
    .join('')
}

const readers: Readonly<Record<string, (key: string) => string[]>> = {
  string: key => ['GET', key],
  list: key => ['LRANGE', key, '0', '-1'],
  set: key => ['SMEMBERS', key],
  zset: key => ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
  hash: key => ['HGETALL', key],
  stream: key => ['XRANGE', key, '-', '+'],
  none: key => ['EXISTS', key],
}

const textOf = (reply: Reply): string => ('text' in reply ? reply.text : '')

function pairs(items: readonly string[]): string[] {
  const found: string[] = []
  for (let index = 0; index < items.length; index += 2)
    found.push(`${items[index]}: ${items[index + 1]}`)
  return found
}

async function askAll(socket: RespSocket, commands: readonly string[][]): Promise<Reply[]> {
  for (const words of commands) socket.send(words)
  const replies: Reply[] = []
  for (const words of commands) {
    const reply = await socket.next()
    if (reply === undefined) throw new Error(`no reply to ${words.join(' ')}`)
    replies.push(reply)
  }
  return replies
}
