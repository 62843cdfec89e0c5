import { MalformedError } from '../../../lib/bytes/index.ts'
import { parseDouble } from '../../../lib/float-text.ts'
import { readIntset, readListpack } from './packed.ts'
import { RdbSource } from './source.ts'
import { type Content, FOOTER_BYTES, isWhole, rdbTypes, VERSION_MAX } from './types.ts'

const QUICKLIST_PLAIN = 1

/** Whether these are bytes of DUMP, of a version that is known and with the right checksum. */
export function isDump(bytes: Buffer): boolean {
  if (bytes.length < FOOTER_BYTES + 1) return false
  return bytes.readUInt16LE(bytes.length - FOOTER_BYTES) <= VERSION_MAX && isWhole(bytes)
}

/** What the bytes of DUMP hold, Redis' own or ours. Throws `MalformedError`. */
export function load(bytes: Buffer): Content {
  const source = new RdbSource(bytes, 1, bytes.length - FOOTER_BYTES)
  const content = contentOf(bytes[0]!, source)
  if (source.left > 0) throw new MalformedError('more bytes than a value has')
  return content
}

function contentOf(type: number, source: RdbSource): Content {
  switch (type) {
    case rdbTypes.string:
      return { type: 'string', bytes: source.string() }
    case rdbTypes.list:
      return { type: 'list', elements: strings(source, source.count()) }
    case rdbTypes.quicklist:
      return { type: 'list', elements: quicklist(source) }
    case rdbTypes.set:
      return { type: 'set', members: strings(source, source.count()) }
    case rdbTypes.intset:
      return { type: 'set', members: readIntset(source.string()) }
    case rdbTypes.setListpack:
      return { type: 'set', members: readListpack(source.string()) }
    case rdbTypes.zset:
      return { type: 'zset', scores: scores(source) }
    case rdbTypes.zsetListpack:
      return { type: 'zset', scores: listpackScores(readListpack(source.string())) }
    case rdbTypes.hash:
      return { type: 'hash', pairs: strings(source, source.count(2) * 2), expiry: [] }
    case rdbTypes.hashListpack:
      return { type: 'hash', pairs: even(readListpack(source.string())), expiry: [] }
    case rdbTypes.hashExpiring:
      return expiringHash(source)
    case rdbTypes.hashListpackExpiring:
      source.uint64() // The earliest time, which the fields say themselves.
      return expiringListpack(readListpack(source.string()))
    default:
      throw new MalformedError('a kind of value that is not known')
  }
}

const strings = (source: RdbSource, count: number): string[] =>
  Array.from({ length: count }, () => source.binary())

function quicklist(source: RdbSource): string[] {
  const elements: string[] = []
  for (let left = source.count(2); left > 0; left--) {
    const container = source.length()
    const bytes = source.string()
    if (container === QUICKLIST_PLAIN) elements.push(bytes.toString('latin1'))
    else for (const element of readListpack(bytes)) elements.push(element)
  }
  return elements
}

function scores(source: RdbSource): [string, number][] {
  return Array.from({ length: source.count(9) }, () => [source.binary(), source.double()])
}

function listpackScores(elements: readonly string[]): [string, number][] {
  const found: [string, number][] = []
  for (let index = 0; index < even(elements).length; index += 2) {
    const score = parseDouble(elements[index + 1]!)
    if (score === undefined) throw new MalformedError('a score that is no number')
    found.push([elements[index]!, score])
  }
  return found
}

function expiringHash(source: RdbSource): Content {
  const earliest = source.uint64()
  const pairs: string[] = []
  const expiry: [string, number][] = []
  for (let left = source.count(3); left > 0; left--) {
    const after = source.length()
    const field = source.binary()
    pairs.push(field, source.binary())
    if (after > 0) expiry.push([field, earliest + after - 1])
  }
  return { type: 'hash', pairs, expiry }
}

function expiringListpack(elements: readonly string[]): Content {
  if (elements.length % 3 !== 0) throw new MalformedError('a field without a value or a time')
  const pairs: string[] = []
  const expiry: [string, number][] = []
  for (let index = 0; index < elements.length; index += 3) {
    pairs.push(elements[index]!, elements[index + 1]!)
    const time = Number(elements[index + 2])
    if (time > 0) expiry.push([elements[index]!, time])
  }
  return { type: 'hash', pairs, expiry }
}

function even(elements: readonly string[]): readonly string[] {
  if (elements.length % 2 === 0) return elements
  throw new MalformedError('a name without a value')
}
