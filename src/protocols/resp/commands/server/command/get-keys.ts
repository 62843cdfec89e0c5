import { Arguments } from '../../../../../lib/resp/index.ts'
import type { Call, KeyAccess } from '../../../command.ts'
import { ReplyError } from '../../../errors.ts'
import { eachKey } from '../../../keys.ts'

/** What is done with what a key holds, besides: Redis says both. */
const uses: Readonly<Record<KeyAccess, string>> = {
  RO: 'access',
  RW: 'update',
  OW: 'update',
  RM: 'delete',
}

/** COMMAND GETKEYS and GETKEYSANDFLAGS. */
export function getKeys({ args, reply, services }: Call, withFlags: boolean): void {
  const asked = new Arguments()
  asked.bytes = args.bytes
  for (let index = 2; index < args.count; index++) asked.add(args.starts[index]!, args.ends[index]!)
  const entry = services.commands.find(asked)
  if (entry === undefined) throw new ReplyError('ERR Invalid command specified')
  const { command } = entry
  if ((command.keys ?? []).length === 0)
    throw new ReplyError('ERR The command has no key arguments')
  if (!entry.fits(asked.count))
    throw new ReplyError('ERR Invalid number of arguments specified for command')
  const found: { readonly index: number; readonly access: KeyAccess }[] = []
  eachKey(command, asked, (index, access) => found.push({ index, access }))
  if (found.length === 0 && !command.flags.includes('no_mandatory_keys'))
    throw new ReplyError('ERR Invalid arguments specified for command')
  reply.array(found.length)
  for (const { index, access } of found) {
    if (withFlags) reply.array(2)
    reply.bulk(asked.bytes, asked.starts[index], asked.ends[index])
    if (!withFlags) continue
    reply.set(2)
    reply.simple(access)
    reply.simple(uses[access])
  }
}
