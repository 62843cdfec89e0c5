import type { Arguments } from '../../../../lib/resp/index.ts'
import type { Call, KeyFinder } from '../../command.ts'
import { ReplyError, syntaxError } from '../../errors.ts'
import { integerIn, numberAt } from '../../numbers.ts'

/** What a group's reader says besides. */
export type AsGroup = {
  readonly group: string
  readonly consumer: string
  /** What is read is as good as acknowledged. */
  readonly isNoAck: boolean
  /** Also what others left idle for so long. Null: no. */
  readonly claimIdleMs: number | null
}

export type ReadOptions = {
  /** Of each stream. 0: all. */
  readonly count: number
  /** Of all streams together. 0: no limit. */
  readonly countMax: number
  /** The same in bytes of the reply, one entry always. 0: no limit. */
  readonly bytesMax: number
  /** Null: it does not wait. 0: for ever. */
  readonly blockMs: number | null
  /** Null: it reads for itself. */
  readonly asGroup: AsGroup | null
  /** The first word that is a key; as many ids follow as there are keys. */
  readonly firstKey: number
  readonly streamCount: number
}

const UNBALANCED =
  "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified."

/** Of XREAD and, `isGroup`, of XREADGROUP. */
export function readOptionsAt({ args }: Call, isGroup: boolean): ReadOptions {
  const found = { count: 0, countMax: 0, bytesMax: 0, blockMs: null as number | null }
  let group: string | null = null
  let consumer = ''
  let isNoAck = false
  let claimIdleMs: number | null = null
  let index = 1
  for (; index < args.count; index++) {
    const more = args.count - index - 1
    if (more > 0 && args.is(index, 'streams')) break
    if (more > 0 && args.is(index, 'block')) found.blockMs = blockMsAt(args, ++index)
    else if (more > 0 && args.is(index, 'count')) found.count = Math.max(0, numberAt(args, ++index))
    else if (more > 0 && args.is(index, 'maxcount'))
      found.countMax = positiveAt(args, ++index, 'MAXCOUNT')
    else if (more > 0 && args.is(index, 'maxsize'))
      found.bytesMax = positiveAt(args, ++index, 'MAXSIZE')
    else if (more > 1 && args.is(index, 'group')) {
      demandGroup(isGroup, 'GROUP')
      group = args.binary(++index)
      consumer = args.binary(++index)
    } else if (args.is(index, 'noack')) {
      demandGroup(isGroup, 'NOACK')
      isNoAck = true
    } else if (more > 0 && args.is(index, 'claim')) {
      demandGroup(isGroup, 'CLAIM')
      claimIdleMs = claimIdleMsAt(args, ++index)
    } else throw syntaxError()
  }
  if (index === args.count) throw syntaxError()
  const firstKey = index + 1
  if ((args.count - firstKey) % 2 !== 0) throw new ReplyError(UNBALANCED)
  if (found.countMax > 0 && found.count > found.countMax)
    throw new ReplyError('ERR MAXCOUNT must be greater than or equal to COUNT')
  if (isGroup && group === null) throw new ReplyError('ERR Missing GROUP option for XREADGROUP')
  const asGroup = group === null ? null : { group, consumer, isNoAck, claimIdleMs }
  return { ...found, asGroup, firstKey, streamCount: (args.count - firstKey) / 2 }
}

function demandGroup(isGroup: boolean, option: string): void {
  if (isGroup) return
  throw new ReplyError(
    `ERR The ${option} option is only supported by XREADGROUP. You called XREAD instead.`,
  )
}

function blockMsAt(args: Arguments, index: number): number {
  const value = integerIn(args, index)
  if (value === undefined) throw new ReplyError('ERR timeout is not an integer or out of range')
  if (value < 0) throw new ReplyError('ERR timeout is negative')
  return typeof value === 'bigint' ? Number.MAX_SAFE_INTEGER : value
}

function claimIdleMsAt(args: Arguments, index: number): number {
  const value = integerIn(args, index)
  if (value === undefined)
    throw new ReplyError('ERR min-idle-time is not an integer or out of range')
  if (value < 0) throw new ReplyError('ERR min-idle-time must be a positive integer')
  return Number(value)
}

function positiveAt(args: Arguments, index: number, option: string): number {
  const value = numberAt(args, index)
  if (value <= 0) throw new ReplyError(`ERR ${option} must be a positive integer`)
  return value
}

/** The keys behind STREAMS; none where the words before it, or their number, are wrong. */
export const streamKeys: KeyFinder = {
  access: 'RO',
  find: args => {
    for (let index = 1; index < args.count; index++) {
      if (args.is(index, 'streams')) {
        const count = args.count - index - 1
        if (count === 0 || count % 2 !== 0) return []
        return Array.from({ length: count / 2 }, (_, key) => index + 1 + key)
      }
      if (args.is(index, 'group')) index += 2
      else if (!args.is(index, 'noack')) {
        if (!valued.some(option => args.is(index, option))) return []
        index++
      }
    }
    return []
  },
}

const valued = ['block', 'count', 'claim', 'maxcount', 'maxsize']
