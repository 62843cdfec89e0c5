import { nameOfKey } from '../../../../broker/keyspace/index.ts'
import type {
  EntryId,
  EntryStream,
  EntryView,
  Group,
  Whole,
} from '../../../../broker/entries/index.ts'
import type { ReplyWriter } from '../../../../lib/resp/index.ts'
import type { Call } from '../../command.ts'
import { ReplyError, wrongType } from '../../errors.ts'
import { foreignName } from '../foreign.ts'

const ZERO = 0x30

/** The stream of a key; undefined when there is none. Throws WRONGTYPE. */
export function streamOf(call: Call, key: string): EntryStream | undefined {
  const { entries } = call.services.broker
  const name = foreignName(call, key)
  if (name !== undefined) {
    const stream = entries.find(call.db.namespace, name)
    if (stream !== undefined) return stream
  }
  const type = call.db.typeOf(key)
  if (type === undefined) return undefined
  if (type !== 'stream') throw wrongType()
  return entries.find(call.db.namespace, streamName(key))
}

/** The same, made when there is none. */
export function openStream(call: Call, key: string): EntryStream {
  const known = streamOf(call, key)
  if (known !== undefined) return known
  const name = streamName(key)
  const { entries, lists } = call.services.broker
  lists.vacate(call.db.namespace, name)
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

/** Many ids are of the same millisecond: its digits are kept. */
const idBytes = Buffer.alloc(2 * 20 + 1)
let idMs: Whole = -1
let seqStart = 0

export const writeId = (reply: ReplyWriter, { ms, seq }: EntryId): void =>
  writeIdParts(reply, ms, seq)

/** The same without an object. */
export function writeIdParts(reply: ReplyWriter, ms: Whole, seq: Whole): void {
  if (ms !== idMs) {
    seqStart = idBytes.write(`${ms}-`, 'latin1')
    idMs = ms
  }
  if (typeof seq === 'number' && seq < 10) {
    idBytes[seqStart] = ZERO + seq
    reply.bulk(idBytes, 0, seqStart + 1)
  } else {
    const end = seqStart + idBytes.write(String(seq), seqStart, 'latin1')
    reply.bulk(idBytes, 0, end)
  }
}

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
