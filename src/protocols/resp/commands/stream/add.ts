import { createHash } from 'node:crypto'
import type { EntryStream, IdWanted, Trim } from '../../../../broker/entries/index.ts'
import { compareIds, idMax } from '../../../../broker/entries/index.ts'
import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { wrongArity } from '../arity.ts'
import { openStream, streamOf, writeId, writeIdParts } from './access.ts'
import { isStar, newIdAt } from './ids.ts'
import { TrimOptions } from './trim-options.ts'

const keys = [{ access: 'RW', first: 1, last: 1, step: 1 }] as const
const FIRST_OPTION = 2
/** Of the name an entry gets from its fields. */
const NAME_BYTES = 16
const MANY_TIMES = 'IDMP/IDMPAUTO specified multiple times'

/** By which a producer's entry is known; `name` null: by its fields. */
type Producer = { readonly id: string; readonly name: string | null }

type Addition = {
  /** Null: the next one. */
  readonly wanted: IdWanted
  /** The word with the first field's name. */
  readonly fields: number
  readonly trim: Trim | null
  readonly isMade: boolean
  readonly producer: Producer | null
}

/** `XADD key * …`, of which all additions are one: nothing is made to say it. */
const plain = (fields: number): Addition => ({
  wanted: null,
  fields,
  trim: null,
  isMade: true,
  producer: null,
})
const plainest = plain(FIRST_OPTION + 1)

function additionAt(args: Arguments): Addition {
  if (isStar(args, FIRST_OPTION)) return plainest
  const trim = new TrimOptions()
  let isMade = true
  let producer: Producer | null = null
  let index = FIRST_OPTION
  for (; index < args.count && !isStar(args, index); ) {
    const next = trim.read(args, index)
    if (next > index) index = next
    else if (args.is(index, 'nomkstream')) {
      isMade = false
      index++
    } else if (args.is(index, 'idmpauto') && index + 1 < args.count) {
      producer = producerAt(args, index, producer)
      index += 2
    } else if (args.is(index, 'idmp') && index + 2 < args.count) {
      producer = producerAt(args, index, producer)
      index += 3
    } else {
      const wanted = newIdAt(args, index)
      if (producer !== null) throw unfit('IDMP/IDMPAUTO can be used only with auto-generated IDs')
      return { wanted, fields: index + 1, trim: trim.finish(), isMade, producer }
    }
  }
  return { ...plain(index + 1), trim: trim.finish(), isMade, producer }
}

function producerAt(args: Arguments, index: number, before: Producer | null): Producer {
  if (before !== null) throw unfit(MANY_TIMES)
  const option = args.upper(index)
  const id = args.binary(index + 1)
  if (id === '') throw unfit(`${option} requires a non-empty producer ID`)
  if (option === 'IDMPAUTO') return { id, name: null }
  const name = args.binary(index + 2)
  if (name === '') throw unfit('IDMP requires a non-empty idempotent ID')
  return { id, name }
}

const unfit = (why: string): ReplyError => new ReplyError(`ERR syntax error, ${why}`)

function add(call: Call): void {
  const { args, reply } = call
  const addition = additionAt(args)
  const { wanted, fields, trim, producer } = addition
  const wordCount = args.count - fields
  if (wordCount < 2 || wordCount % 2 === 1) throw wrongArity('xadd')
  if (wanted !== null && wanted.ms === 0 && wanted.seq === 0)
    throw new ReplyError('ERR The ID specified in XADD must be greater than 0-0')
  const key = args.key(1)
  const stream = addition.isMade ? openStream(call, key) : streamOf(call, key)
  if (stream === undefined) return reply.nothing()
  if (producer === null) append(stream, args, addition)
  else {
    const name = producer.name ?? hashOf(args, fields)
    const known = stream.known(producer.id, name, call.now)
    if (known !== null) return writeId(reply, known)
    append(stream, args, addition)
    stream.remember(producer.id, name, call.now)
  }
  writeIdParts(reply, stream.lastMs, stream.lastSeq)
  call.notify('t', 'xadd', key)
  if (trim !== null && stream.trim(trim) > 0) call.notify('t', 'xtrim', key)
}

function append(stream: EntryStream, args: Arguments, { wanted, fields }: Addition): void {
  const outcome = stream.add(args, fields, args.count, wanted)
  if (outcome === 'added') return
  if (outcome === 'too-large') throw new ReplyError('ERR Elements are too large to be stored')
  if (outcome === 'exhausted' || compareIds(stream.lastId, idMax) === 0)
    throw new ReplyError(
      'ERR The stream has exhausted the last possible ID, unable to add more items',
    )
  throw new ReplyError(
    'ERR The ID specified in XADD is equal or smaller than the target stream top item',
  )
}

/** Stands for fields and values, and where each of them ends. */
function hashOf(args: Arguments, fields: number): string {
  const hash = createHash('sha256')
  for (let index = fields; index < args.count; index++)
    hash.update(`${args.sizeBytes(index)} `).update(args.view(index))
  return hash.digest().toString('latin1', 0, NAME_BYTES)
}

function trimCommand(call: Call): void {
  const { args, reply } = call
  const options = new TrimOptions()
  for (let index = FIRST_OPTION; index < args.count; ) {
    const next = options.read(args, index)
    if (next === index) throw syntaxError()
    index = next
  }
  const trim = options.finish()
  if (trim === null) throw unfit('XTRIM must be called with a trimming strategy')
  const key = args.key(1)
  const removed = streamOf(call, key)?.trim(trim) ?? 0
  reply.integer(removed)
  if (removed > 0) call.notify('t', 'xtrim', key)
}

export const addCommands: readonly Command[] = [
  {
    name: 'xadd',
    arity: -5,
    group: 'stream',
    flags: ['write', 'denyoom', 'fast'],
    keys,
    since: '5.0.0',
    summary: 'Adds an entry at the end of a stream.',
    run: add,
  },
  {
    name: 'xtrim',
    arity: -4,
    group: 'stream',
    flags: ['write'],
    keys,
    since: '5.0.0',
    summary: 'Takes the first entries of a stream away.',
    run: trimCommand,
  },
]
