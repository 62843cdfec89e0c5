import { Arguments } from '../../../../../lib/resp/index.ts'
import type { Call, Command, KeyFinder, KeyRange } from '../../../command.ts'
import { ReplyError } from '../../../errors.ts'
import { eachKey } from '../../../keys.ts'
import { writeWord } from '../../words.ts'
import { keyFlags } from './key-flags.ts'

/** SET shows what was there only if it is asked to. */
function flagsNow(args: Arguments, command: Command, rule: number): readonly string[] {
  if (command.name !== 'set') return keyFlags(command, rule)
  for (let index = 3; index < args.count; index++)
    if (args.is(index, 'get')) return ['RW', 'access', 'update']
  return ['OW', 'update']
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
  const found: { readonly index: number; readonly rule: KeyRange | KeyFinder }[] = []
  eachKey(command, asked, (index, rule) => found.push({ index, rule }))
  if (found.length === 0 && !command.flags.includes('no_mandatory_keys'))
    throw new ReplyError('ERR Invalid arguments specified for command')
  reply.array(found.length)
  for (const { index, rule } of found) {
    if (withFlags) reply.array(2)
    writeWord(reply, asked, index)
    if (!withFlags) continue
    const flags = flagsNow(asked, command, command.keys!.indexOf(rule))
    reply.set(flags.length)
    for (const flag of flags) reply.simple(flag)
  }
}
