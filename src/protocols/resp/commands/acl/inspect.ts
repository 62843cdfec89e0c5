import { Arguments } from '../../../../lib/resp/index.ts'
import { type AclLogEntry, categories, denialText } from '../../access/index.ts'
import type { Call } from '../../command.ts'
import { notAnInteger, ReplyError } from '../../errors.ts'
import { unknownSubcommand } from '../../help.ts'

const LOG_ENTRIES = 10
const PASSWORD_BITS = 256
const PASSWORD_BITS_MAX = 4096

export function listCategories(call: Call): void {
  const { args, reply, services } = call
  if (args.count > 3) throw unknownSubcommand(call)
  if (args.count === 2) {
    reply.array(categories.length)
    for (const name of categories) reply.text(name)
    return
  }
  const members = services.acl.index.ofCategory(args.lower(2))
  if (members === undefined)
    throw new ReplyError(`ERR Unknown category '${args.text(2).slice(0, 128)}'`)
  reply.array(members.length)
  for (const { name } of members) reply.text(name)
}

/** Digits that nobody can guess, four bits each. */
export function generatePassword(call: Call): void {
  const { args, reply, services } = call
  if (args.count > 3) throw unknownSubcommand(call)
  const bits = args.count === 2 ? PASSWORD_BITS : integerAt(args, 2)
  if (bits <= 0 || bits > PASSWORD_BITS_MAX) {
    throw new ReplyError(
      'ERR ACL GENPASS argument must be the number of bits for the output password, ' +
        `a positive number up to ${PASSWORD_BITS_MAX}`,
    )
  }
  const digits = Math.ceil(bits / 4)
  const bytes = services.broker.runtime.random.bytes(Math.ceil(digits / 2))
  reply.text(bytes.toString('hex').slice(0, digits))
}

export function showLog(call: Call): void {
  const { args, reply, services, now } = call
  if (args.count > 3) throw unknownSubcommand(call)
  const { log } = services.acl
  if (args.count === 3 && args.lower(2) === 'reset') {
    log.clear()
    return reply.ok()
  }
  const count = args.count === 2 ? LOG_ENTRIES : Math.max(0, integerAt(args, 2))
  const entries = log.entries.slice(0, count)
  reply.array(entries.length)
  for (const entry of entries) showEntry(reply, entry, now)
}

function showEntry(reply: Call['reply'], entry: AclLogEntry, now: number): void {
  reply.map(10)
  reply.text('count')
  reply.integer(entry.count)
  reply.text('reason')
  reply.text(entry.reason)
  reply.text('context')
  reply.text(entry.context)
  reply.text('object')
  reply.binary(entry.object)
  reply.text('username')
  reply.text(entry.username)
  reply.text('age-seconds')
  reply.double((now - entry.updatedAt) / 1000)
  reply.text('client-info')
  reply.text(entry.client)
  reply.text('entry-id')
  reply.integer(entry.id)
  reply.text('timestamp-created')
  reply.integer(entry.createdAt)
  reply.text('timestamp-last-updated')
  reply.integer(entry.updatedAt)
}

/** Whether a user might run a command, which is not run. */
export function dryRun(call: Call): void {
  const { args, reply, services, db } = call
  const name = args.text(2)
  const { acl, commands } = services
  if (acl.find(name) === undefined) throw new ReplyError(`ERR User '${name}' not found`)
  const tried = Arguments.of(
    Array.from({ length: args.count - 3 }, (_, index) => args.view(index + 3)),
  )
  const entry = commands.find(tried)
  if (entry === undefined) throw new ReplyError(`ERR Command '${args.text(3)}' not found`)
  if (!entry.fits(tried.count))
    throw new ReplyError(`ERR wrong number of arguments for '${entry.name}' command`)
  const denial = acl.denial(name, entry.command, tried, db)
  if (denial === null) return reply.ok()
  reply.text(denialText(denial, name, entry.command, tried.text(denial.index)))
}

function integerAt(args: Arguments, index: number): number {
  const text = args.binary(index)
  const value = Number(text)
  if (!/^-?(0|[1-9]\d*)$/.test(text) || !Number.isSafeInteger(value)) throw notAnInteger()
  return value
}
