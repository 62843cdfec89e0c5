import type { Call, Command, CommandFlag } from '../../command.ts'
import { notAnInteger, ReplyError, syntaxError } from '../../errors.ts'
import type { TrackingMode } from '../../tracking/index.ts'
import { stateOf } from '../state.ts'

const flags: readonly CommandFlag[] = ['noscript', 'loading', 'stale']
const own = { group: 'connection', flags, since: '6.0.0' } as const

export const clientTrackingCommands: readonly Command[] = [
  {
    ...own,
    name: 'client|tracking',
    arity: -3,
    summary: 'Whether the client is told when what it read has changed.',
    run: tracking,
  },
  {
    ...own,
    name: 'client|caching',
    arity: 3,
    summary: 'Whether what the next command reads is tracked.',
    run: caching,
  },
  {
    ...own,
    name: 'client|getredir',
    arity: 2,
    summary: 'The client that is told in the place of this one.',
    run: call => call.reply.integer(stateOf(call).tracking?.redirect ?? -1),
  },
  {
    ...own,
    name: 'client|trackinginfo',
    arity: 2,
    since: '6.2.0',
    summary: 'What is tracked for this connection.',
    run: trackingInfo,
  },
]

function tracking(call: Call): void {
  const { args, reply, services } = call
  const client = stateOf(call)
  const mode = modeOf(call)
  if (args.is(2, 'on')) {
    check(mode, client.tracking?.mode ?? null)
    const before = client.tracking?.mode.prefixes ?? []
    const added = mode.prefixes === null ? null : prefixesOf(mode.prefixes, before)
    services.tracking.start(client, { ...mode, prefixes: added })
  } else if (args.is(2, 'off')) services.tracking.stop(client)
  else throw syntaxError()
  reply.ok()
}

function modeOf({ args, services }: Call): TrackingMode {
  let redirect = 0
  let isBroadcast = false
  let isIn = false
  let isOut = false
  let isSilentToSelf = false
  const prefixes: string[] = []
  for (let index = 3; index < args.count; index++) {
    const hasMore = index + 1 < args.count
    if (args.is(index, 'redirect') && hasMore) {
      if (redirect !== 0)
        throw new ReplyError('ERR A client can only redirect to a single other client')
      const id = args.binary(++index)
      if (!/^-?\d{1,18}$/.test(id)) throw notAnInteger()
      redirect = Number(id)
      if (services.clients.get(redirect) === undefined)
        throw new ReplyError('ERR The client ID you want redirect to does not exist')
    } else if (args.is(index, 'bcast')) isBroadcast = true
    else if (args.is(index, 'optin')) isIn = true
    else if (args.is(index, 'optout')) isOut = true
    else if (args.is(index, 'noloop')) isSilentToSelf = true
    else if (args.is(index, 'prefix') && hasMore) prefixes.push(args.binary(++index))
    else throw syntaxError()
  }
  if (args.is(2, 'on')) {
    if (!isBroadcast && prefixes.length > 0)
      throw new ReplyError('ERR PREFIX option requires BCAST mode to be enabled')
    if (isBroadcast && (isIn || isOut))
      throw new ReplyError('ERR OPTIN and OPTOUT are not compatible with BCAST')
    if (isIn && isOut) throw new ReplyError("ERR You can't specify both OPTIN mode and OPTOUT mode")
  }
  const option = isIn ? 'in' : isOut ? 'out' : null
  return {
    redirect,
    prefixes: isBroadcast ? prefixes : null,
    option,
    isSilentToSelf,
  }
}

function check(mode: TrackingMode, before: TrackingMode | null): void {
  if (before === null) return
  if ((before.prefixes === null) !== (mode.prefixes === null))
    throw new ReplyError(
      "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and " +
        'then re-enabling it with a different mode.',
    )
  if (before.option !== null && mode.option !== null && before.option !== mode.option)
    throw new ReplyError(
      "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and " +
        'then re-enabling it with a different mode.',
    )
}

/** Those that were there, and the new ones. None: everything. */
function prefixesOf(given: readonly string[], before: readonly string[]): readonly string[] {
  for (const [index, prefix] of given.entries()) {
    for (const other of before) {
      if (overlap(prefix, other))
        throw new ReplyError(
          `ERR Prefix '${prefix}' overlaps with an existing prefix '${other}'. ` +
            'Prefixes for a single client must not overlap.',
        )
    }
    for (const other of given.slice(index + 1)) {
      if (overlap(prefix, other))
        throw new ReplyError(
          `ERR Prefix '${prefix}' overlaps with another provided prefix '${other}'. ` +
            'Prefixes for a single client must not overlap.',
        )
    }
  }
  const all = [...before, ...given]
  return all.length === 0 ? [''] : all
}

const overlap = (one: string, other: string): boolean =>
  one.startsWith(other) || other.startsWith(one)

function caching(call: Call): void {
  const { args, reply } = call
  const { tracking: now } = stateOf(call)
  if (now === null)
    throw new ReplyError(
      'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or ' +
        'OPTOUT mode enabled',
    )
  const isYes = args.is(2, 'yes')
  if (!isYes && !args.is(2, 'no')) throw syntaxError()
  if (isYes && now.mode.option !== 'in')
    throw new ReplyError(
      'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.',
    )
  if (!isYes && now.mode.option !== 'out')
    throw new ReplyError(
      'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.',
    )
  now.isCachingSaid = true
  reply.ok()
}

function trackingInfo(call: Call): void {
  const { reply } = call
  const { tracking: now } = stateOf(call)
  const mode = now?.mode
  const said = now?.isCachingSaid === true
  const flagNames = [
    now === null ? 'off' : 'on',
    now?.isBroadcast === true ? 'bcast' : '',
    mode?.option === 'in' ? 'optin' : '',
    mode?.option === 'in' && said ? 'caching-yes' : '',
    mode?.option === 'out' ? 'optout' : '',
    mode?.option === 'out' && said ? 'caching-no' : '',
    mode?.isSilentToSelf === true ? 'noloop' : '',
    now?.isBroken === true ? 'broken_redirect' : '',
  ].filter(name => name !== '')
  reply.map(3)
  reply.text('flags')
  reply.set(flagNames.length)
  for (const name of flagNames) reply.text(name)
  reply.text('redirect')
  reply.integer(now?.redirect ?? -1)
  reply.text('prefixes')
  const prefixes = mode?.prefixes ?? []
  reply.array(prefixes.length)
  for (const prefix of prefixes) reply.binary(prefix)
}
