import type { StoredMessage } from '../../message/stored-message.ts'

/**
 * What is known of a message that waits, stored as the key of its record:
 *
 *   due         6 bytes    milliseconds since 1970
 *   delay       6 bytes    milliseconds, as its sender said
 *   exchange    4 bytes    the number the schedule gave the exchange that lets it wait
 *   flags       1 byte     1: the routing key is not the address's; 2: the message has a key
 *   copies      2 bytes    how many further routing keys
 *   texts       (routing key), copies: 1 byte length and UTF-8 each
 *   key         the rest
 */
const at = { due: 0, delay: 6, exchange: 12, flags: 16, copies: 17, texts: 19 } as const
const flag = { routingKey: 1, key: 2 } as const

export type Entry = {
  readonly delayMs: number
  readonly exchangeId: number
  /** Null: the one in its address. */
  readonly routingKey: string | null
  readonly copies: readonly string[] | null
  readonly key: Buffer | null
}

export function encodeEntry(due: number, entry: Entry): Buffer {
  const { routingKey, key } = entry
  const copies = entry.copies ?? []
  let sizeBytes = at.texts + (key?.length ?? 0)
  if (routingKey !== null) sizeBytes += 1 + Buffer.byteLength(routingKey)
  for (const copy of copies) sizeBytes += 1 + Buffer.byteLength(copy)
  const bytes = Buffer.allocUnsafe(sizeBytes)
  bytes.writeUIntBE(due, at.due, 6)
  bytes.writeUIntBE(entry.delayMs, at.delay, 6)
  bytes.writeUInt32BE(entry.exchangeId, at.exchange)
  bytes[at.flags] = (routingKey === null ? 0 : flag.routingKey) | (key === null ? 0 : flag.key)
  bytes.writeUInt16BE(copies.length, at.copies)
  let to: number = at.texts
  if (routingKey !== null) to = writeText(bytes, to, routingKey)
  for (const copy of copies) to = writeText(bytes, to, copy)
  key?.copy(bytes, to)
  return bytes
}

export const dueOf = ({ bytes, keyStart }: StoredMessage): number =>
  bytes.readUIntBE(keyStart + at.due, 6)
export const exchangeIdOf = ({ bytes, keyStart }: StoredMessage): number =>
  bytes.readUInt32BE(keyStart + at.exchange)

/** Our own bytes, under the log's checksum. */
export function decodeEntry({ bytes, keyStart, keyEnd }: StoredMessage): Entry {
  const flags = bytes[keyStart + at.flags]!
  let from = keyStart + at.texts
  const text = (): string => {
    const start = from + 1
    from = start + bytes[from]!
    return bytes.toString('utf8', start, from)
  }
  const routingKey = flags & flag.routingKey ? text() : null
  const count = bytes.readUInt16BE(keyStart + at.copies)
  const copies = count === 0 ? null : Array.from({ length: count }, text)
  return {
    delayMs: bytes.readUIntBE(keyStart + at.delay, 6),
    exchangeId: bytes.readUInt32BE(keyStart + at.exchange),
    routingKey,
    copies,
    key: flags & flag.key ? bytes.subarray(from, keyEnd) : null,
  }
}

function writeText(bytes: Buffer, start: number, text: string): number {
  const length = bytes.write(text, start + 1, 'utf8')
  bytes[start] = length
  return start + 1 + length
}
