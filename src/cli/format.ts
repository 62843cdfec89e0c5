import { isUtf8 } from 'node:buffer'
import type { BatchRecord } from '../log/batch/index.ts'
import { CommandError } from './error.ts'

export type Received = {
  readonly topic: string
  readonly partition: number
  readonly record: BatchRecord
}
export type Format = (received: Received) => Buffer | string

const NEWLINE = Buffer.from('\n')

/** "value", "json", or a template such as "%k %v". */
export function formatOf(text: string): Format {
  if (text === 'value')
    return ({ record }) => Buffer.concat([record.value ?? Buffer.alloc(0), NEWLINE])
  if (text === 'json') return received => `${JSON.stringify(jsonOf(received))}\n`
  return templateOf(text)
}

export const formatHelp = `A template may hold:
  %t topic   %p partition   %o offset     %T timestamp (ms)
  %k key     %v value       %h headers    %K %V lengths of key and value
  %% a percent sign, and \\n \\t \\0. A line end follows unless it ends with one.`

function jsonOf({ topic, partition, record }: Received): object {
  return {
    topic,
    partition,
    offset: record.offset,
    timestamp: record.timestamp,
    ...jsonBytes('key', record.key),
    ...jsonBytes('value', record.value),
    headers: record.headers.map(header => ({
      name: header.key,
      ...jsonBytes('value', header.value),
    })),
  }
}

/** Text where it is text; other bytes under another name, so that nobody takes them for text. */
function jsonBytes(name: string, bytes: Buffer | null): object {
  if (bytes === null) return { [name]: null }
  return isUtf8(bytes)
    ? { [name]: bytes.toString('utf8') }
    : { [`${name}Base64`]: bytes.toString('base64') }
}

const nothing = Buffer.alloc(0)

const fields: Readonly<Record<string, (received: Received) => Buffer | string>> = {
  t: ({ topic }) => topic,
  p: ({ partition }) => String(partition),
  o: ({ record }) => String(record.offset),
  T: ({ record }) => String(record.timestamp),
  k: ({ record }) => record.key ?? nothing,
  v: ({ record }) => record.value ?? nothing,
  h: ({ record }) =>
    record.headers.map(({ key, value }) => `${key}=${String(value ?? '')}`).join(','),
  K: ({ record }) => String(record.key?.length ?? -1),
  V: ({ record }) => String(record.value?.length ?? -1),
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0', '\\': '\\' }

function templateOf(text: string): Format {
  const parts: (Buffer | ((received: Received) => Buffer | string))[] = []
  for (const [token] of text.matchAll(/%.|\\.|[^%\\]+|[%\\]$/gs)) {
    if (token.startsWith('%') && token !== '%%') parts.push(fieldOf(token))
    else if (token.startsWith('\\') && token.length === 2)
      parts.push(Buffer.from(escapes[token[1]!] ?? token))
    else parts.push(Buffer.from(token === '%%' ? '%' : token))
  }
  if (!/\\[n0]$/.test(text)) parts.push(NEWLINE)
  return received =>
    Buffer.concat(
      parts.map(part => {
        const piece = typeof part === 'function' ? part(received) : part
        return typeof piece === 'string' ? Buffer.from(piece) : piece
      }),
    )
}

function fieldOf(token: string): (received: Received) => Buffer | string {
  const field = fields[token[1] ?? '']
  if (field !== undefined) return field
  throw new CommandError('usage', `--format: "${token}" is not known.\n${formatHelp}`)
}
