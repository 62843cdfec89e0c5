import { nameOfKey } from '../../../../broker/keyspace/index.ts'
import type { EntryId, EntryStream, EntryView, Group } from '../../../../broker/entries/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, wrongType } from '../../errors.ts'

/** The stream of a key; undefined when there is none. Throws WRONGTYPE. */
export function streamOf(call: Call, key: string): EntryStream | undefined {
  const type = call.db.typeOf(key)
  if (type === undefined) return undefined
  if (type !== 'stream') throw wrongType()
  return call.services.broker.entries.find(call.db.namespace, streamName(key))
}

/** The same, made when there is none. */
export function openStream(call: Call, key: string): EntryStream {
  const type = call.db.typeOf(key)
  if (type !== undefined && type !== 'stream') throw wrongType()
  const name = streamName(key)
  const { entries, lists } = call.services.broker
  if (type === undefined) lists.vacate(call.db.namespace, name)
  return entries.open(call.db.namespace, name)
}

/** A stream and one of its groups, or NOGROUP. */
export function groupOf(
  call: Call,
  key: string,
  groupName: string,
): { readonly stream: EntryStream; readonly group: Group } {
  const stream = streamOf(call, key)
  const group = stream?.groups.get(groupName)
  if (stream !== undefined && group !== undefined) return { stream, group }
  throw new ReplyError(`NOGROUP No such key ${quoted(key)} or consumer group ${quoted(groupName)}`)
}

/** Throws where the bytes of the key are no name. */
function streamName(key: string): string {
  const name = nameOfKey(key)
  if (name !== undefined) return name
  throw new ReplyError('ERR a stream is a topic, and its name has to be UTF-8')
}

/** A key or a name, as text where it is text, for error messages. */
export const quoted = (bytes: string): string => `'${nameOfKey(bytes) ?? bytes}'`

/** In the order of their names' bytes. */
export const byName = <Named extends { readonly name: string }>(
  named: ReadonlyMap<string, Named>,
): Named[] => [...named.values()].sort((one, other) => (one.name < other.name ? -1 : 1))

export const writeId = (reply: ReplyWriter, { ms, seq }: EntryId): void =>
  reply.binary(`${ms}-${seq}`)

export function writeIds(reply: ReplyWriter, ids: readonly EntryId[]): void {
  reply.array(ids.length)
  for (const id of ids) writeId(reply, id)
}

/** The id, and names and values. */
export function writeEntry(reply: ReplyWriter, entry: EntryView): void {
  reply.array(2)
  writeId(reply, entry)
  writeFields(reply, entry)
}

export function writeFields(reply: ReplyWriter, entry: EntryView): void {
  reply.array(entry.wordCount)
  for (let index = 0; index < entry.wordCount; index++)
    reply.bulk(entry.bytes(index), entry.start(index), entry.end(index))
}

/** Of entries that are known to be there. */
export function writeEntries(
  reply: ReplyWriter,
  stream: EntryStream,
  ids: readonly EntryId[],
): void {
  reply.array(ids.length)
  for (const id of ids) stream.showOne(id, entry => writeEntry(reply, entry))
}
