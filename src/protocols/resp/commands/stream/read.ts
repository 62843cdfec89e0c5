import type { EntryId, EntryStream, Span } from '../../../../broker/entries/index.ts'
import { compareIds, idAfter, idBefore, idMax, idMin } from '../../../../broker/entries/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { streamOf, writeEntry } from './access.ts'
import { Budget } from './budget.ts'
import { idAt, isSign } from './ids.ts'
import { type ReadOptions, readOptionsAt, streamKeys } from './read-options.ts'

const DOLLAR = 0x24
const PLUS = 0x2b
const GREATER = 0x3e
/** Of what a client gets that waited without saying how much it wants. */
export const COUNT_WAITED = 1000

/** Entries behind this id are wanted of the stream at a key. */
type Source = { readonly key: string; readonly after: EntryId }

type Found = { readonly key: string; readonly stream: EntryStream; readonly span: Span }

function read(call: Call): void {
  const { args, reply } = call
  const options = readOptionsAt(call, false)
  const sources: Source[] = []
  for (let index = options.firstKey; sources.length < options.streamCount; index++)
    sources.push(sourceAt(call, args.binary(index), index + options.streamCount))
  const budget = new Budget(options)
  const found: Found[] = []
  for (const source of sources) {
    const some = budget.isSpent ? null : newOf(call, source, budget)
    if (some !== null) found.push(some)
  }
  if (found.length > 0) writeStreams(reply, found)
  else if (options.blockMs === null || !call.mayBlock) reply.noArray()
  else wait(call, options, options.blockMs, sources)
}

function sourceAt(call: Call, key: string, index: number): Source {
  const { args } = call
  const stream = streamOf(call, key)
  if (isSign(args, index, DOLLAR)) return { key, after: stream?.lastId ?? idMin }
  if (isSign(args, index, PLUS)) {
    const last = stream?.lastEntryId ?? null
    return { key, after: (last === null ? null : idBefore(last)) ?? idMin }
  }
  if (isSign(args, index, GREATER))
    throw new ReplyError(
      'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> ' +
        '<consumer> option.',
    )
  return { key, after: idAt(args, index) }
}

/** Null: there is nothing new. */
function newOf(call: Call, { key, after }: Source, budget: Budget): Found | null {
  const stream = streamOf(call, key)
  if (stream === undefined || compareIds(stream.lastId, after) <= 0) return null
  const from = idAfter(after)
  if (from === undefined) return null
  const whole = stream.range(from, idMax, budget.countMax)
  const span = budget.hasBytes ? fitting(stream, whole, from, budget) : whole
  budget.take(span.count)
  return span.count === 0 ? null : { key, stream, span }
}

/** As much of a span as the budget allows. */
function fitting(stream: EntryStream, span: Span, from: EntryId, budget: Budget): Span {
  let count = 0
  let isFull = false
  stream.show(span, entry => {
    isFull ||= !budget.takesBytes(entry)
    if (!isFull) count++
  })
  return count === 0 ? { ...span, count: 0 } : stream.range(from, idMax, count)
}

function writeStreams(reply: ReplyWriter, found: readonly Found[]): void {
  beginStreams(reply, found.length)
  for (const { key, stream, span } of found) {
    beginStream(reply, key)
    reply.array(span.count)
    stream.show(span, entry => writeEntry(reply, entry))
  }
}

/** RESP2 has pairs, RESP3 a map. */
export function beginStreams(reply: ReplyWriter, count: number): void {
  if (reply.version === 2) reply.array(count)
  else reply.map(count)
}

export function beginStream(reply: ReplyWriter, key: string): void {
  if (reply.version === 2) reply.array(2)
  reply.binary(key)
}

function wait(call: Call, options: ReadOptions, blockMs: number, sources: readonly Source[]): void {
  const byKey = new Map<string, Source>()
  for (const source of sources) if (!byKey.has(source.key)) byKey.set(source.key, source)
  const count = options.count === 0 ? COUNT_WAITED : options.count
  call.block({
    keys: [...byKey.keys()],
    timeoutMs: blockMs,
    serve: (key, reply) => {
      if (call.db.typeOf(key) !== 'stream') return false
      const found = newOf(call, byKey.get(key)!, new Budget({ ...options, count }))
      if (found === null) return false
      writeStreams(reply, [found])
      return true
    },
    timedOut: reply => reply.noArray(),
  })
}

export const readCommands: readonly Command[] = [
  {
    name: 'xread',
    arity: -4,
    group: 'stream',
    flags: ['readonly', 'blocking', 'movablekeys'],
    keys: [streamKeys],
    since: '5.0.0',
    summary: 'The entries of streams behind ids, or waits for some.',
    run: read,
  },
]
