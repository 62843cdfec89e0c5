/** Bytes as RabbitMQ prints them in reply texts: `<<"text">>`, or `<<1,2,3>>`. */
export function erlangBinary(bytes: Buffer): string {
  const isText = bytes.every(byte => byte >= 0x20 && byte < 0x7f)
  if (!isText) return `<<${[...bytes].join(',')}>>`
  return bytes.length === 0 ? '<<>>' : `<<${JSON.stringify(bytes.toString('latin1'))}>>`
}

const SNIPPET_BYTES = 16

/** How RabbitMQ shows a frame it cannot use. */
export function frameSnippet(type: number, payload: Buffer): string {
  const isShort = payload.length <= SNIPPET_BYTES
  const shown = erlangBinary(payload.subarray(0, SNIPPET_BYTES))
  return `type ${type}, ${isShort ? 'all' : 'first 16'} octets = ${shown}`
}
