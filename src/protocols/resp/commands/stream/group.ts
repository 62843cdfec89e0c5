import type { EntryId, EntryStream, Group } from '../../../../broker/entries/index.ts'
import { idMin } from '../../../../broker/entries/index.ts'
import type { Call, Command } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { type HelpForm, helpCommand, unknownSubcommand } from '../../help.ts'
import { numberAt } from '../../numbers.ts'
import { openStream, quoted, streamOf } from './access.ts'
import { idAt, isSign, looseIdAt } from './ids.ts'

const keys = [{ access: 'RW', first: 2, last: 2, step: 1 }] as const
const FIRST_OPTION = 5
const CREATE_WORDS_MAX = 8
const DOLLAR = 0x24

type Options = { readonly isMade: boolean; readonly entriesRead: number | null }

function optionsAt(call: Call, mayMake: boolean): Options {
  const { args } = call
  let isMade = false
  let entriesRead: number | null = null
  for (let index = FIRST_OPTION; index < args.count; index++) {
    if (mayMake && args.is(index, 'mkstream')) isMade = true
    else if (args.is(index, 'entriesread') && index + 1 < args.count) {
      const count = numberAt(args, ++index)
      if (count < -1) throw new ReplyError('ERR value for ENTRIESREAD must be positive or -1')
      entriesRead = count === -1 ? null : count
    } else throw unknownSubcommand(call)
  }
  return { isMade, entriesRead }
}

const noKey = (): ReplyError =>
  new ReplyError(
    'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to ' +
      'use the MKSTREAM option to create an empty stream automatically.',
  )

/** The stream and the group, or an error for whichever is missing. */
function placeOf(call: Call): {
  readonly key: string
  readonly stream: EntryStream
  readonly group: Group
} {
  const { args } = call
  const key = args.binary(2)
  const name = args.binary(3)
  const stream = streamOf(call, key)
  if (stream === undefined) throw noKey()
  const group = stream.groups.get(name)
  if (group !== undefined) return { key, stream, group }
  throw noGroup(name, key)
}

/** Of commands that say the group before the key. */
export const noGroup = (name: string, key: string): ReplyError =>
  new ReplyError(`NOGROUP No such consumer group ${quoted(name)} for key name ${quoted(key)}`)

function create(call: Call): void {
  const { args, reply } = call
  const key = args.binary(2)
  const { isMade, entriesRead } = optionsAt(call, true)
  const found = streamOf(call, key)
  if (found === undefined && !isMade) throw noKey()
  if (args.count > CREATE_WORDS_MAX) throw unknownSubcommand(call)
  let lastId: EntryId
  if (isSign(args, 4, DOLLAR)) lastId = found?.lastId ?? idMin
  else lastId = idAt(args, 4)
  const stream = found ?? openStream(call, key)
  if (!stream.createGroup(args.binary(3), lastId, entriesRead))
    throw new ReplyError('BUSYGROUP Consumer Group name already exists')
  reply.ok()
  call.notify('t', 'xgroup-create', key)
}

function setId(call: Call): void {
  const { args, reply } = call
  const { entriesRead } = optionsAt(call, false)
  const { key, stream, group } = placeOf(call)
  if (args.count !== 5 && args.count !== 7) throw unknownSubcommand(call)
  const lastId = isSign(args, 4, DOLLAR) ? stream.lastId : looseIdAt(args, 4)
  stream.setGroup(group, lastId, entriesRead)
  reply.ok()
  call.notify('t', 'xgroup-setid', key)
}

function destroy(call: Call): void {
  const { args, reply } = call
  const key = args.binary(2)
  const stream = streamOf(call, key)
  if (stream === undefined) throw noKey()
  const group = stream.groups.get(args.binary(3))
  if (group === undefined) return reply.integer(0)
  stream.destroyGroup(group)
  reply.integer(1)
  call.notify('t', 'xgroup-destroy', key)
}

function createConsumer(call: Call): void {
  const { args, reply, now } = call
  const { key, stream, group } = placeOf(call)
  const isNew = stream.createConsumer(group, args.binary(4), now)
  reply.integer(isNew ? 1 : 0)
  if (isNew) call.notify('t', 'xgroup-createconsumer', key)
}

function deleteConsumer(call: Call): void {
  const { args, reply } = call
  const { key, stream, group } = placeOf(call)
  const pending = stream.deleteConsumer(group, args.binary(4))
  reply.integer(pending ?? 0)
  if (pending !== null) call.notify('t', 'xgroup-delconsumer', key)
}

const forms: readonly HelpForm[] = [
  [
    'CREATE <key> <groupname> <id|$> [option]',
    'Makes a group that begins behind an id. MKSTREAM makes the stream, too; ' +
      'ENTRIESREAD <n> says how many entries are before it.',
  ],
  ['CREATECONSUMER <key> <groupname> <consumer>', 'Makes a consumer.'],
  ['DELCONSUMER <key> <groupname> <consumer>', 'Deletes a consumer and what it has pending.'],
  ['DESTROY <key> <groupname>', 'Deletes a group.'],
  ['SETID <key> <groupname> <id|$> [ENTRIESREAD <n>]', 'Sets the last id that was handed out.'],
]

const subcommand = (name: string, command: Omit<Command, 'name' | 'group' | 'keys'>): Command => ({
  ...command,
  name: `xgroup|${name}`,
  group: 'stream',
  keys,
})

export const groupCommands: readonly Command[] = [
  {
    name: 'xgroup',
    arity: -2,
    group: 'stream',
    flags: [],
    since: '5.0.0',
    summary: 'Commands about the groups of a stream.',
    subcommands: [
      subcommand('create', {
        arity: -5,
        flags: ['write', 'denyoom'],
        since: '5.0.0',
        summary: 'Makes a group.',
        run: create,
      }),
      subcommand('setid', {
        arity: -5,
        flags: ['write'],
        since: '5.0.0',
        summary: 'Sets the last id that was handed out.',
        run: setId,
      }),
      subcommand('destroy', {
        arity: 4,
        flags: ['write'],
        since: '5.0.0',
        summary: 'Deletes a group.',
        run: destroy,
      }),
      subcommand('createconsumer', {
        arity: 5,
        flags: ['write', 'denyoom'],
        since: '6.2.0',
        summary: 'Makes a consumer.',
        run: createConsumer,
      }),
      subcommand('delconsumer', {
        arity: 5,
        flags: ['write'],
        since: '5.0.0',
        summary: 'Deletes a consumer and what it has pending.',
        run: deleteConsumer,
      }),
      helpCommand('xgroup', forms, {
        group: 'stream',
        flags: ['loading', 'stale'],
        since: '5.0.0',
      }),
    ],
  },
]
