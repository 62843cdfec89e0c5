import { type Reply, itemsOf } from '../reply.ts'
import { RespSocket } from '../socket.ts'

/** A word or several of a command, as COMMAND DOCS describes them. */
export type Argument = {
  readonly name: string
  readonly type: string
  readonly token: string | undefined
  readonly flags: readonly string[]
  /** Of a block, or the alternatives of a choice. */
  readonly parts: readonly Argument[]
}

export type Documented = {
  /** Lower case; a subcommand as `xgroup|create`. */
  readonly name: string
  readonly group: string
  readonly args: readonly Argument[]
}

/** Every command that a server says it has. */
export async function documentedCommands(address: string): Promise<Documented[]> {
  const socket = await RespSocket.open(address)
  const docs = await socket.ask('COMMAND', 'DOCS')
  await socket.close()
  const commands = [...fields(docs)].flatMap(([name, doc]) => commandsOf(name, doc))
  return commands.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

function commandsOf(name: string, doc: Reply): Documented[] {
  const known = fields(doc)
  const subcommands = known.get('subcommands')
  if (subcommands !== undefined)
    return [...fields(subcommands)].flatMap(([sub, its]) => commandsOf(sub, its))
  const args = itemsOf(known.get('arguments') ?? none).map(argumentOf)
  return [{ name, group: textOf(known.get('group')), args }]
}

function argumentOf(reply: Reply): Argument {
  const known = fields(reply)
  const token = known.get('token')
  return {
    name: textOf(known.get('name')),
    type: textOf(known.get('type')),
    token: token === undefined ? undefined : textOf(token),
    flags: itemsOf(known.get('flags') ?? none).map(textOf),
    parts: itemsOf(known.get('arguments') ?? none).map(argumentOf),
  }
}

const none: Reply = { kind: 'array', items: [] }

const textOf = (reply: Reply | undefined): string =>
  reply !== undefined && 'text' in reply ? reply.text : ''

/** Of a map, or of what RESP2 has instead. */
function fields(reply: Reply): Map<string, Reply> {
  const items = itemsOf(reply)
  const found = new Map<string, Reply>()
  for (let index = 0; index + 1 < items.length; index += 2)
    found.set(textOf(items[index]), items[index + 1]!)
  return found
}
