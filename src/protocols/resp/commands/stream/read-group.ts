import type {
  EntryId,
  EntryStream,
  EntryView,
  Group,
  GroupRead,
  OwnEntry,
  ReadWanted,
} from '../../../../broker/entries/index.ts'
import { idAfter, idMax } from '../../../../broker/entries/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { quoted, streamOf, writeEntry, writeFields, writeId } from './access.ts'
import { Budget } from './budget.ts'
import { idAt, isSign } from './ids.ts'
import { beginStream, beginStreams, COUNT_WAITED } from './read.ts'
import { type AsGroup, type ReadOptions, readOptionsAt, streamKeys } from './read-options.ts'

const DOLLAR = 0x24
const PLUS = 0x2b
const GREATER = 0x3e
/** What is due and still not given is not asked for more often. */
const RETRY_MS_MIN = 10

/** Null for what nobody in the group had yet; else what the consumer has behind an id. */
type Source = { readonly key: string; readonly after: EntryId | null }

/** What one stream gives: `own` of the consumer's, or `fresh`. */
type Found = {
  readonly key: string
  readonly stream: EntryStream
  readonly own: readonly OwnEntry[] | null
  /** In several parts where the reply's bytes are limited. */
  readonly reads: readonly GroupRead[]
}

function readGroup(call: Call): void {
  const { args, reply } = call
  const options = readOptionsAt(call, true)
  const asGroup = options.asGroup!
  const sources: Source[] = []
  for (let index = options.firstKey; sources.length < options.streamCount; index++)
    sources.push(sourceAt(call, asGroup, args.binary(index), index + options.streamCount))
  const found = gather(call, options, asGroup, sources)
  if (found.length > 0) writeStreams(reply, found, asGroup.claimIdleMs !== null)
  else if (options.blockMs === null || !call.mayBlock) reply.noArray()
  else wait(call, options, asGroup, options.blockMs, sources)
}

function sourceAt(call: Call, { group }: AsGroup, key: string, index: number): Source {
  const { args } = call
  if (streamOf(call, key)?.groups.get(group) === undefined)
    throw new ReplyError(
      `NOGROUP No such key ${quoted(key)} or consumer group ${quoted(group)} in XREADGROUP with ` +
        'GROUP option',
    )
  if (isSign(args, index, DOLLAR)) throw meaningless('$')
  if (isSign(args, index, PLUS)) throw meaningless('+')
  return { key, after: isSign(args, index, GREATER) ? null : idAt(args, index) }
}

const meaningless = (sign: string): ReplyError =>
  new ReplyError(
    `ERR The ${sign} ID is meaningless in the context of XREADGROUP: you want to read the ` +
      'history of this consumer by specifying a proper ID, or use the > ID to get new messages. ' +
      `The ${sign} ID would just return an empty result set.`,
  )

/** Everything is read before anything is written: to read may fail. */
function gather(
  call: Call,
  options: ReadOptions,
  asGroup: AsGroup,
  sources: readonly Source[],
): Found[] {
  const budget = new Budget(options)
  const found: Found[] = []
  for (const source of sources) {
    const stream = streamOf(call, source.key)
    const group = stream?.groups.get(asGroup.group)
    if (stream === undefined || group === undefined) continue
    if (stream.meet(group, asGroup.consumer, call.now))
      call.notify('t', 'xgroup-createconsumer', source.key)
    if (budget.isSpent) continue
    const some = readOne(call, { stream, group, source, asGroup, budget })
    if (some !== null) found.push(some)
  }
  return found
}

type One = {
  readonly stream: EntryStream
  readonly group: Group
  readonly source: Source
  readonly asGroup: AsGroup
  readonly budget: Budget
}

/** Null: there is nothing. */
function readOne(call: Call, { stream, group, source, asGroup, budget }: One): Found | null {
  const { key, after } = source
  const wanted: ReadWanted = {
    countMax: budget.countMax,
    isNoAck: asGroup.isNoAck,
    claimIdleMs: asGroup.claimIdleMs,
    now: call.now,
  }
  if (after !== null) {
    const own = stream.readOwn(group, asGroup.consumer, after, wanted)
    budget.take(own.length)
    return { key, stream, own, reads: [] }
  }
  if (!stream.hasMore(group, wanted)) return null
  if (budget.hasBytes) {
    const reads = readByBytes({ stream, group, source, asGroup, budget }, wanted)
    return reads.length === 0 ? null : { key, stream, own: null, reads }
  }
  const read = stream.read(group, asGroup.consumer, wanted)
  const count = countOf(read)
  budget.take(count)
  return count === 0 ? null : { key, stream, own: null, reads: [read] }
}

/** One entry after the other, as long as the next one fits. */
function readByBytes({ stream, group, asGroup, budget }: One, wanted: ReadWanted): GroupRead[] {
  const reads: GroupRead[] = []
  const countMax = wanted.countMax === 0 ? Infinity : wanted.countMax
  while (reads.length < countMax && !budget.isSpent && stream.hasMore(group, wanted)) {
    let fits = true
    if (wanted.claimIdleMs === null) {
      const from = idAfter(group.lastId)
      if (from === undefined) break
      stream.show(stream.range(from, idMax, 1), entry => (fits = budget.takesBytes(entry)))
    }
    if (!fits) break
    const read = stream.read(group, asGroup.consumer, { ...wanted, countMax: 1 })
    if (countOf(read) === 0) break
    if (wanted.claimIdleMs !== null) showAll(stream, read, entry => budget.takesBytes(entry))
    reads.push(read)
    budget.take(1)
  }
  return reads
}

const countOf = ({ claimed, fresh }: GroupRead): number => claimed.length + fresh.count

function showAll(stream: EntryStream, read: GroupRead, visit: (entry: EntryView) => void): void {
  for (const id of read.claimed) stream.showOne(id, visit)
  stream.show(read.fresh, visit)
}

function writeStreams(reply: ReplyWriter, found: readonly Found[], hasIdle: boolean): void {
  beginStreams(reply, found.length)
  for (const { key, stream, own, reads } of found) {
    beginStream(reply, key)
    if (own !== null) writeOwn(reply, stream, own)
    else {
      let count = 0
      for (const read of reads) count += countOf(read)
      reply.array(count)
      for (const read of reads) writeRead(reply, stream, read, hasIdle)
    }
  }
}

function writeOwn(reply: ReplyWriter, stream: EntryStream, own: readonly OwnEntry[]): void {
  reply.array(own.length)
  for (const id of own) {
    const isThere = !id.isGone && stream.showOne(id, entry => writeEntry(reply, entry))
    if (isThere) continue
    reply.array(2)
    writeId(reply, id)
    reply.noArray()
  }
}

/** `hasIdle`: with how long it was idle and how often it was handed out. */
function writeRead(
  reply: ReplyWriter,
  stream: EntryStream,
  { claimed, fresh }: GroupRead,
  hasIdle: boolean,
): void {
  for (const { ms, seq, idleMs, deliveries } of claimed) {
    // Not asked for: a policy hands out again what was with somebody for too long.
    reply.array(hasIdle ? 4 : 2)
    writeId(reply, { ms, seq })
    stream.showOne({ ms, seq }, entry => writeFields(reply, entry))
    if (!hasIdle) continue
    reply.integer(idleMs)
    reply.integer(deliveries)
  }
  stream.show(fresh, entry => {
    if (!hasIdle) return writeEntry(reply, entry)
    reply.array(4)
    writeId(reply, entry)
    writeFields(reply, entry)
    reply.integer(0)
    reply.integer(0)
  })
}

function wait(
  call: Call,
  options: ReadOptions,
  asGroup: AsGroup,
  blockMs: number,
  sources: readonly Source[],
): void {
  const keys = [...new Set(sources.map(({ key }) => key))]
  const count = options.count === 0 ? COUNT_WAITED : options.count
  call.block({
    keys,
    timeoutMs: blockMs,
    serve: (key, reply) => {
      demandThere(call, key, asGroup)
      const found = gather(call, { ...options, count }, asGroup, [{ key, after: null }])
      if (found.length === 0) return false
      writeStreams(reply, found, asGroup.claimIdleMs !== null)
      return true
    },
    retryMs: () => claimableInMs(call, keys, asGroup),
    timedOut: reply => reply.noArray(),
  })
}

/** Until the first of what others hold was idle for long enough. */
function claimableInMs(
  call: Call,
  keys: readonly string[],
  { group, claimIdleMs }: AsGroup,
): number | null {
  if (claimIdleMs === null) return null
  const now = call.services.broker.runtime.clock.now()
  let inMs = claimIdleMs
  for (const key of keys) {
    if (call.db.typeOf(key) !== 'stream') continue
    const at = streamOf(call, key)?.groups.get(group)?.claimableAt(claimIdleMs) ?? null
    if (at !== null) inMs = Math.min(inMs, at - now)
  }
  return Math.max(RETRY_MS_MIN, inMs)
}

function demandThere(call: Call, key: string, { group }: AsGroup): void {
  if (call.db.typeOf(key) !== 'stream')
    throw new ReplyError('UNBLOCKED the stream key no longer exists')
  if (streamOf(call, key)?.groups.has(group) !== true)
    throw new ReplyError('NOGROUP the consumer group this client was blocked on no longer exists')
}

export const readGroupCommands: readonly Command[] = [
  {
    name: 'xreadgroup',
    arity: -7,
    group: 'stream',
    flags: ['write', 'blocking', 'movablekeys'],
    keys: [streamKeys],
    since: '5.0.0',
    summary: 'What a group was not given yet, or a consumer has already; or waits for some.',
    run: readGroup,
  },
]
