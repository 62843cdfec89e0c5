import type { Command, CommandFlag, CommandGroup } from '../command.ts'

/** In the order in which ACL CAT lists them. */
export const categories = [
  'keyspace',
  'read',
  'write',
  'set',
  'sortedset',
  'list',
  'hash',
  'string',
  'bitmap',
  'hyperloglog',
  'geo',
  'stream',
  'pubsub',
  'admin',
  'fast',
  'slow',
  'blocking',
  'dangerous',
  'connection',
  'transaction',
  'scripting',
] as const
export type Category = (typeof categories)[number]

const ofGroup: Readonly<Partial<Record<CommandGroup, Category>>> = {
  string: 'string',
  list: 'list',
  set: 'set',
  'sorted-set': 'sortedset',
  hash: 'hash',
  stream: 'stream',
  bitmap: 'bitmap',
  hyperloglog: 'hyperloglog',
  geo: 'geo',
  connection: 'connection',
  transactions: 'transaction',
  scripting: 'scripting',
}

const ofFlag: Readonly<Partial<Record<CommandFlag, readonly Category[]>>> = {
  write: ['write'],
  readonly: ['read'],
  admin: ['admin', 'dangerous'],
  pubsub: ['pubsub'],
  fast: ['fast'],
  blocking: ['blocking'],
}

/** What its table says, and what follows from its flags (redis, server.c). */
export function categoriesOf(command: Command): ReadonlySet<Category> {
  const found = new Set<Category>()
  const isContainer = command.subcommands !== undefined && command.run === undefined
  const group = isContainer ? undefined : ofGroup[command.group]
  if (group !== undefined) found.add(group)
  for (const name of command.categories ?? []) if (isCategory(name)) found.add(name)
  for (const flag of command.flags) for (const each of ofFlag[flag] ?? []) found.add(each)
  // Scripts that only read are no reads: what they read, nobody knows before.
  if (found.has('scripting')) found.delete('read')
  if (!found.has('fast')) found.add('slow')
  return found
}

export const isCategory = (name: string): name is Category =>
  (categories as readonly string[]).includes(name)
