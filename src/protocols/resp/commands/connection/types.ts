import { ReplyError } from '../../errors.ts'

const types: Readonly<Record<string, string>> = {
  normal: 'normal',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
  master: 'master',
}

/** The type of client that is meant. */
export function typeCalled(name: string): string {
  const type = types[name.toLowerCase()]
  if (type === undefined) throw new ReplyError(`ERR Unknown client type '${name}'`)
  return type
}
