import type { AclUser, Selector } from '../../access/index.ts'
import type { Call } from '../../command.ts'

/** ACL GETUSER. */
export function describeUser({ reply }: Call, user: AclUser): void {
  const [own, ...others] = user.selectors
  reply.map(6)
  reply.text('flags')
  reply.set(user.flags.length)
  for (const flag of user.flags) reply.text(flag)
  reply.text('passwords')
  reply.array(user.digests.length)
  for (const digest of user.digests) reply.text(digest)
  describeSelector(reply, own!)
  reply.text('selectors')
  reply.array(others.length)
  for (const selector of others) {
    reply.map(3)
    describeSelector(reply, selector)
  }
}

function describeSelector(reply: Call['reply'], selector: Selector): void {
  reply.text('commands')
  reply.text(selector.commandText)
  reply.text('keys')
  reply.binary(selector.keyText)
  reply.text('channels')
  reply.binary(selector.channelText)
}
