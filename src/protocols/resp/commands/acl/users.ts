import type { Call } from '../../command.ts'
import { ReplyError } from '../../errors.ts'
import { describeUser } from './describe.ts'

const HAS_SPACE = /[\0\t-\r ]/

/** Names are text in the store of users. */
const nameAt = ({ args }: Call, index: number): string => args.text(index)

export function setUser(call: Call): void {
  const { args, services, reply } = call
  if (HAS_SPACE.test(args.binary(2)))
    throw new ReplyError("ERR Usernames can't contain spaces or null characters")
  const rules = Array.from({ length: args.count - 3 }, (_, index) => args.binary(index + 3))
  services.acl.change(nameAt(call, 2), rules)
  reply.ok()
}

export function deleteUsers(call: Call): void {
  const { args, services, reply } = call
  const names = Array.from({ length: args.count - 2 }, (_, index) => nameAt(call, index + 2))
  if (names.includes('default')) throw new ReplyError("ERR The 'default' user cannot be removed")
  reply.integer(names.filter(name => services.acl.remove(name)).length)
}

export function getUser(call: Call): void {
  const user = call.services.acl.find(nameAt(call, 2))
  if (user === undefined) call.reply.nothing()
  else describeUser(call, user)
}

export function listUsers({ services, reply }: Call): void {
  const names = services.acl.names()
  reply.array(names.length)
  // Patterns are bytes, the rest is ASCII, and names are text.
  for (const name of names) {
    const head = Buffer.from(`user ${name} `)
    const rules = Buffer.from(services.acl.find(name)!.text, 'latin1')
    reply.bulk(Buffer.concat([head, rules]))
  }
}

export function nameUsers({ services, reply }: Call): void {
  const names = services.acl.names()
  reply.array(names.length)
  for (const name of names) reply.text(name)
}

export function whoAmI({ client, reply }: Call): void {
  if (client.user === null) reply.nothing()
  else reply.text(client.user.name)
}
