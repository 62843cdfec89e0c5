/**
 * Keys are bytes, names of queues and topics are text. The name of a key is its bytes as UTF-8;
 * undefined when they are none: then it can be neither a list nor a stream.
 */
export function nameOfKey(key: string): string | undefined {
  if (isAscii(key)) return key
  const bytes = Buffer.from(key, 'latin1')
  const name = bytes.toString('utf8')
  return Buffer.byteLength(name) === bytes.length && Buffer.from(name).equals(bytes)
    ? name
    : undefined
}

/** The binary string that is the key of a queue's or topic's name. */
export function keyOfName(name: string): string {
  return isAscii(name) ? name : Buffer.from(name).toString('latin1')
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}
