import { PROTOCOL_HEADER } from './constants.ts'

/** Of 0-9, which its few clients send; it differs in nothing that matters. */
const HEADER_0_9 = Buffer.from([0x41, 0x4d, 0x51, 0x50, 1, 1, 0, 9])

export type HeaderAnswer =
  | { readonly versionMajor: number; readonly versionMinor: number }
  | 'refused'
  | 'unsure'

/** What the first eight bytes of a connection say (section 4.2.2). */
export function answerHeader(bytes: Buffer): HeaderAnswer {
  const isOurs = beginsLike(bytes, PROTOCOL_HEADER)
  if (!isOurs && !beginsLike(bytes, HEADER_0_9)) return 'refused'
  if (bytes.length < PROTOCOL_HEADER.length) return 'unsure'
  return { versionMajor: 0, versionMinor: 9 }
}

/** As far as there are bytes. */
function beginsLike(bytes: Buffer, header: Buffer): boolean {
  const count = Math.min(bytes.length, header.length)
  return header.compare(bytes, 0, count, 0, count) === 0
}

export function detect(prefix: Buffer): 'yes' | 'no' | 'unsure' {
  const answer = answerHeader(prefix)
  if (answer === 'refused') return 'no'
  return answer === 'unsure' ? 'unsure' : 'yes'
}
