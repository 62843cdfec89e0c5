import type { List, Side } from '../../../../broker/list/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call, Command } from '../../command.ts'
import { syntaxError } from '../../errors.ts'
import { atLeastAt, timeoutMsAt } from '../../numbers.ts'
import { demandRoom, element, listOf, notifyPopped, openList, pushed, sideAt } from './access.ts'

const keys = [
  { access: 'RW', first: 1, last: 1, step: 1 },
  { access: 'RW', first: 2, last: 2, step: 1 },
] as const

type Move = {
  readonly source: string
  readonly destination: string
  readonly from: Side
  readonly to: Side
}

function moveAt(call: Call, from: Side | undefined, to: Side | undefined): Move {
  if (from === undefined || to === undefined) throw syntaxError()
  return { source: call.args.key(1), destination: call.args.binary(2), from, to }
}

/** One element, with what it carries besides its bytes. False: there is no source. */
function moveOne(call: Call, reply: ReplyWriter, move: Move): boolean {
  const source = listOf(call, move.source)
  if (source === undefined) return false
  const destination = roomFor(call, source, move, 1)
  source.move(move.from, destination, move.to, element)
  reply.bulk(element.bytes, element.start, element.end)
  call.notify('l', pushed[move.to], move.destination)
  notifyPopped(call, move.source, source, move.from)
  return true
}

/** The destination, which takes all of what moves, or an error before anything was changed. */
function roomFor(call: Call, source: List, move: Move, count: number): List {
  if (move.source === move.destination) return source
  const destination = openList(call, move.destination)
  const length = source.length
  const first = move.from === 'left' ? 0 : length - count
  let bytes = 0
  source.each(first, first + count - 1, ({ sizeBytes }) => (bytes += sizeBytes))
  demandRoom(destination, move.destination, count, bytes)
  return destination
}

function moveOrWait(call: Call, move: Move, timeoutMs: number): void {
  if (moveOne(call, call.reply, move)) return
  if (!call.mayBlock) {
    call.reply.nothing()
    return
  }
  call.block({
    keys: [move.source],
    timeoutMs,
    serve: (_key, reply) => moveOne(call, reply, move),
    timedOut: reply => reply.noArray(),
  })
}

type ManyMove = Move & {
  readonly count: number
  /** All of them or none. */
  readonly isExact: boolean
  /** One by one, which turns them round when both ends are the same. */
  readonly isOneByOne: boolean
}

/** `[COUNT|EXACTLY count OBO|BULK]` from the word at `start` on. */
function manyMoveAt(call: Call, start: number): ManyMove {
  const { args } = call
  const move = moveAt(call, sideAt(call, 3), sideAt(call, 4))
  if (args.count === start) return { ...move, count: 1, isExact: false, isOneByOne: true }
  if (args.count !== start + 3) throw syntaxError()
  const mode = args.lower(start)
  const order = args.lower(start + 2)
  if (mode !== 'count' && mode !== 'exactly') throw syntaxError()
  if (order !== 'obo' && order !== 'bulk') throw syntaxError()
  const count = atLeastAt(args, start + 1, 1, 'count should be greater than 0')
  return { ...move, count, isExact: mode === 'exactly', isOneByOne: order === 'obo' }
}

/** False: there is not enough. */
function moveMany(call: Call, reply: ReplyWriter, move: ManyMove): boolean {
  const source = listOf(call, move.source)
  if (source === undefined || (move.isExact && source.length < move.count)) return false
  const count = Math.min(move.count, source.length)
  const destination = roomFor(call, source, move, count)
  const moved: Buffer[] = []
  const isTurned = move.isOneByOne && source === destination
  if (move.from === move.to && (isTurned || !move.isOneByOne))
    moveBlock({ source, destination, side: move.from, count, isTurned }, moved)
  else {
    for (let left = count; left > 0; left--) {
      source.move(move.from, destination, move.to, element)
      moved.push(element.copy())
    }
    if (move.to === 'left') moved.reverse()
  }
  reply.array(count)
  for (const bytes of moved) reply.bulk(bytes)
  call.notify('l', pushed[move.to], move.destination)
  notifyPopped(call, move.source, source, move.from)
  return true
}

/**
 * From one end to the same end of the other, in the order they have: the innermost one first; or
 * turned round, as Redis does it within one list, too.
 */
function moveBlock(
  block: {
    readonly source: List
    readonly destination: List
    readonly side: Side
    readonly count: number
    readonly isTurned: boolean
  },
  moved: Buffer[],
): void {
  const { source, destination, side, count, isTurned } = block
  for (let left = count; left > 0; left--) {
    source.pop(side, element)
    moved.push(element.copy())
  }
  if (!isTurned) moved.reverse()
  for (const bytes of moved) destination.push(side, bytes)
  if (side === 'left') moved.reverse()
}

export const moveCommands: readonly Command[] = [
  {
    name: 'lmove',
    arity: 5,
    group: 'list',
    flags: ['write', 'denyoom'],
    keys,
    since: '6.2.0',
    summary: 'Moves an element from an end of a list to an end of another.',
    run: call => {
      const move = moveAt(call, sideAt(call, 3), sideAt(call, 4))
      if (!moveOne(call, call.reply, move)) call.reply.nothing()
    },
  },
  {
    name: 'rpoplpush',
    arity: 3,
    group: 'list',
    flags: ['write', 'denyoom'],
    keys,
    since: '1.2.0',
    summary: 'Moves an element from the right end of a list to the left end of another.',
    run: call => {
      if (!moveOne(call, call.reply, moveAt(call, 'right', 'left'))) call.reply.nothing()
    },
  },
  {
    name: 'blmove',
    arity: 6,
    group: 'list',
    flags: ['write', 'denyoom', 'blocking'],
    keys,
    since: '6.2.0',
    summary: 'Moves an element from an end of a list to an end of another, or waits for one.',
    run: call => {
      const move = moveAt(call, sideAt(call, 3), sideAt(call, 4))
      moveOrWait(call, move, timeoutMsAt(call.args, 5))
    },
  },
  {
    name: 'brpoplpush',
    arity: 4,
    group: 'list',
    flags: ['write', 'denyoom', 'blocking'],
    keys,
    since: '2.2.0',
    summary: 'Moves an element from the right end of a list to the left of another, or waits.',
    run: call => {
      const timeoutMs = timeoutMsAt(call.args, 3)
      moveOrWait(call, moveAt(call, 'right', 'left'), timeoutMs)
    },
  },
  {
    name: 'lmovem',
    arity: -5,
    group: 'list',
    flags: ['write', 'denyoom'],
    keys,
    since: '8.10.0',
    summary: 'Moves several elements from an end of a list to an end of another.',
    run: call => {
      if (!moveMany(call, call.reply, manyMoveAt(call, 5))) call.reply.noArray()
    },
  },
  {
    name: 'blmovem',
    arity: -6,
    group: 'list',
    flags: ['write', 'denyoom', 'blocking'],
    keys,
    since: '8.10.0',
    summary: 'Moves several elements from an end of a list to an end of another, or waits.',
    run: call => {
      const move = manyMoveAt(call, 6)
      const timeoutMs = timeoutMsAt(call.args, 5)
      if (moveMany(call, call.reply, move)) return
      if (!call.mayBlock) {
        call.reply.noArray()
        return
      }
      const serve = (_key: string, reply: ReplyWriter) => moveMany(call, reply, move)
      const timedOut = (reply: ReplyWriter) => reply.noArray()
      call.block({ keys: [move.source], timeoutMs, serve, timedOut })
    },
  },
]
