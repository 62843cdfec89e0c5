const STAR = 0x2a
const LINE_BYTES_MAX = 64

/** Commands that a person or a health check types first. */
const first = /^(?:auth|echo|get|hello|info|ping|quit|select|set|command|client)(?:[ \r\n]|$)/i

/** Browsers, and who scans ports. */
const http = /^[A-Z]+ \S+ HTTP\//

/** An array of bulk strings, or a line that begins with a usual command. */
export function detect(prefix: Buffer): 'yes' | 'no' | 'unsure' {
  if (prefix.length === 0) return 'unsure'
  if (prefix[0] === STAR) {
    if (prefix.length === 1) return 'unsure'
    return prefix[1]! >= 0x30 && prefix[1]! <= 0x39 ? 'yes' : 'no'
  }
  const text = prefix.toString('latin1', 0, LINE_BYTES_MAX)
  const isLine = text.includes('\n')
  if (http.test(text)) return 'no'
  if (first.test(text) && isLine) return 'yes'
  return !isLine && prefix.length < LINE_BYTES_MAX && /^[a-z]+(?: [ -~]*)?\r?$/i.test(text)
    ? 'unsure'
    : 'no'
}
