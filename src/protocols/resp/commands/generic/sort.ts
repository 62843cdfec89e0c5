import { nameOfKey } from '../../../../broker/keyspace/index.ts'
import type { SetValue } from '../../../../broker/keyspace/set/index.ts'
import type { SortedSetValue } from '../../../../broker/keyspace/sorted-set/index.ts'
import { parseDouble } from '../../../../lib/float-text.ts'
import type { Call } from '../../command.ts'
import { ReplyError, syntaxError, wrongType } from '../../errors.ts'
import { numberAt } from '../../numbers.ts'
import { membersOf } from '../set/access.ts'
import { listElementsOf } from './elements.ts'
import { Patterns } from './sort-patterns.ts'

export type SortOptions = {
  readonly by: string | null
  readonly gets: readonly string[]
  readonly isDescending: boolean
  readonly isText: boolean
  readonly first: number
  readonly countMax: number
  readonly storeAt: string | null
}

type Item = { readonly element: string; score: number; weight: string | undefined }

/** SORT key [BY pattern] [LIMIT first count] [GET pattern …] [ASC | DESC] [ALPHA] [STORE key] */
export const sort =
  (isReadOnly: boolean) =>
  (call: Call): void => {
    const options = sortOptionsOf(call, isReadOnly)
    const patterns = new Patterns(call)
    const sorted = resultOf(call, options, patterns)
    const found =
      options.gets.length === 0
        ? sorted
        : sorted.flatMap(element => options.gets.map(get => patterns.lookUp(get, element)))
    if (options.storeAt === null) {
      call.reply.array(found.length)
      for (const value of found) {
        if (value === undefined) call.reply.nothing()
        else call.reply.binary(value)
      }
    } else store(call, options.storeAt, found)
  }

function sortOptionsOf({ args }: Call, isReadOnly: boolean): SortOptions {
  const options = {
    by: null as string | null,
    gets: [] as string[],
    isDescending: false,
    isText: false,
    first: 0,
    countMax: -1,
    storeAt: null as string | null,
  }
  for (let index = 2; index < args.count; index++) {
    const left = args.count - index - 1
    const option = args.lower(index)
    if (option === 'asc') options.isDescending = false
    else if (option === 'desc') options.isDescending = true
    else if (option === 'alpha') options.isText = true
    else if (option === 'limit' && left >= 2) {
      options.first = numberAt(args, ++index)
      options.countMax = numberAt(args, ++index)
    } else if (option === 'store' && left >= 1 && !isReadOnly) {
      options.storeAt = args.binary(++index)
    } else if (option === 'by' && left >= 1) options.by = args.binary(++index)
    else if (option === 'get' && left >= 1) options.gets.push(args.binary(++index))
    else throw syntaxError()
  }
  return options
}

function resultOf(call: Call, options: SortOptions, patterns: Patterns): string[] {
  const { elements, isSet } = elementsOf(call, call.args.binary(1))
  let { by, isText } = options
  const isUnsorted = by !== null && !by.includes('*')
  if (isUnsorted && isSet && options.storeAt !== null) {
    // A set has no order of its own: what is stored is to be the same every time.
    by = null
    isText = true
  } else if (isUnsorted) {
    return limited(options.isDescending && !isSet ? elements.reverse() : elements, options)
  }
  const items = elements.map(element => weighed(element, { by, isText }, patterns))
  const sign = options.isDescending ? -1 : 1
  const compare = isText ? compareTexts(by !== null) : compareScores
  items.sort((one, other) => sign * compare(one, other))
  return limited(
    items.map(({ element }) => element),
    options,
  )
}

function elementsOf(call: Call, key: string): { elements: string[]; isSet: boolean } {
  const { db } = call
  const type = db.typeOf(key)
  if (type === undefined) return { elements: [], isSet: false }
  if (type === 'set') return { elements: membersOf(db.find<SetValue>(key, 'set')!), isSet: true }
  const elements: string[] = []
  if (type === 'zset') {
    const { ordered, count } = db.find<SortedSetValue>(key, 'zset')!
    ordered.forEach(0, count, member => void elements.push(member))
  } else if (type === 'list') return { elements: listElementsOf(call, key)!, isSet: false }
  else throw wrongType()
  return { elements, isSet: false }
}

function weighed(
  element: string,
  { by, isText }: { readonly by: string | null; readonly isText: boolean },
  patterns: Patterns,
): Item {
  const weight = by === null ? element : patterns.lookUp(by, element)
  if (isText || weight === undefined) return { element, score: 0, weight }
  const score = scoreOf(weight)
  if (score === undefined) {
    throw new ReplyError("ERR One or more scores can't be converted into double")
  }
  return { element, score, weight }
}

function limited(elements: string[], { first, countMax }: SortOptions): string[] {
  const start = Math.max(first, 0)
  return elements.slice(start, countMax < 0 ? undefined : start + countMax)
}

/** As C reads it: spaces in front are nothing, and nothing is 0. */
function scoreOf(text: string): number | undefined {
  const trimmed = text.trimStart()
  return trimmed === '' ? 0 : parseDouble(trimmed)
}

const compareStrings = (one: string, other: string): number =>
  one === other ? 0 : one < other ? -1 : 1

const compareScores = (one: Item, other: Item): number =>
  one.score === other.score ? compareStrings(one.element, other.element) : one.score - other.score

/** What has no weight comes first. */
const compareTexts =
  (hasWeights: boolean) =>
  (one: Item, other: Item): number => {
    if (!hasWeights) return compareStrings(one.element, other.element)
    if (one.weight === undefined || other.weight === undefined) {
      return Number(one.weight !== undefined) - Number(other.weight !== undefined)
    }
    return compareStrings(one.weight, other.weight)
  }

function store(call: Call, key: string, found: readonly (string | undefined)[]): void {
  const { db, reply, services } = call
  const name = nameOfKey(key)
  if (name === undefined)
    throw new ReplyError('ERR a list is a queue, and its name has to be UTF-8')
  const wasThere = db.delete(key)
  if (found.length === 0) {
    if (wasThere) call.notify('g', 'del', key)
    return reply.integer(0)
  }
  const list = services.broker.lists.open(db.namespace, name)
  for (const value of found) list.push('right', Buffer.from(value ?? '', 'latin1'))
  call.notify('l', 'sortstore', key)
  reply.integer(found.length)
}
