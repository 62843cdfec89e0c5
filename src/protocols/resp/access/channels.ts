import type { Arguments } from '../../../lib/resp/index.ts'
import type { Command } from '../command.ts'

/** What a command does with a channel, or with a pattern of channels. */
export type ChannelUse = 'publishes' | 'hears' | 'pattern'

const uses: ReadonlyMap<string, ChannelUse> = new Map([
  ['publish', 'publishes'],
  ['spublish', 'publishes'],
  ['subscribe', 'hears'],
  ['ssubscribe', 'hears'],
  ['psubscribe', 'pattern'],
])

/** Calls `visit` for each word that is a channel until that is false; whether it never was. */
export function everyChannel(
  { name }: Command,
  args: Arguments,
  visit: (index: number, use: ChannelUse) => boolean,
): boolean {
  const use = uses.get(name)
  if (use === undefined) return true
  const last = use === 'publishes' ? 1 : args.count - 1
  for (let index = 1; index <= last; index++) if (!visit(index, use)) return false
  return true
}
