/** What a server sent, with its type as it stood on the wire. Texts have one character a byte. */
export type Reply =
  | { readonly kind: 'simple' | 'error' | 'integer' | 'bulk' | 'double'; readonly text: string }
  | { readonly kind: 'big' | 'verbatim' | 'boolean' | 'bulk error'; readonly text: string }
  | { readonly kind: 'null'; readonly text: 'bulk' | 'array' | 'RESP3' }
  | { readonly kind: Many; readonly items: readonly Reply[] }

type Many = 'array' | 'set' | 'map' | 'push' | 'attribute'

const lines: Readonly<Record<string, 'simple' | 'error' | 'integer' | 'double' | 'big'>> = {
  '+': 'simple',
  '-': 'error',
  ':': 'integer',
  ',': 'double',
  '(': 'big',
}
const blobs: Readonly<Record<string, 'bulk' | 'verbatim' | 'bulk error'>> = {
  $: 'bulk',
  '=': 'verbatim',
  '!': 'bulk error',
}
const collections: Readonly<Record<string, Many>> = {
  '*': 'array',
  '~': 'set',
  '%': 'map',
  '>': 'push',
  '|': 'attribute',
}

/** Takes RESP2 and RESP3 apart, however the bytes were cut. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0)
  #position = 0

  push(bytes: Buffer): void {
    const rest = this.#bytes.subarray(this.#position)
    this.#bytes = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    this.#position = 0
  }

  /** Undefined when the next reply is not whole yet. */
  next(): Reply | undefined {
    const start = this.#position
    const reply = this.#read()
    if (reply === undefined) this.#position = start
    return reply
  }

  #line(): string | undefined {
    const end = this.#bytes.indexOf('\r\n', this.#position, 'latin1')
    if (end === -1) return undefined
    const line = this.#bytes.toString('latin1', this.#position, end)
    this.#position = end + 2
    return line
  }

  #read(): Reply | undefined {
    const line = this.#line()
    if (line === undefined) return undefined
    const [type = '', rest] = [line[0], line.slice(1)]
    if (lines[type] !== undefined) return { kind: lines[type], text: rest }
    if (type === '_') return { kind: 'null', text: 'RESP3' }
    if (type === '#') return { kind: 'boolean', text: rest }
    if (blobs[type] !== undefined) return this.#blob(blobs[type], Number(rest))
    if (collections[type] !== undefined) return this.#many(collections[type], Number(rest))
    throw new Error(`this is no reply: ${JSON.stringify(line.slice(0, 80))}`)
  }

  #blob(kind: 'bulk' | 'verbatim' | 'bulk error', sizeBytes: number): Reply | undefined {
    if (sizeBytes === -1) return { kind: 'null', text: 'bulk' }
    const end = this.#position + sizeBytes
    if (this.#bytes.length < end + 2) return undefined
    const text = this.#bytes.toString('latin1', this.#position, end)
    if (this.#bytes.toString('latin1', end, end + 2) !== '\r\n')
      throw new Error(`a bulk does not end where it should: ${JSON.stringify(text.slice(0, 80))}`)
    this.#position = end + 2
    return { kind, text }
  }

  #many(kind: Many, count: number): Reply | undefined {
    if (count === -1) return { kind: 'null', text: 'array' }
    const items: Reply[] = []
    const total = kind === 'map' || kind === 'attribute' ? count * 2 : count
    while (items.length < total) {
      const item = this.#read()
      if (item === undefined) return undefined
      items.push(item)
    }
    return { kind, items }
  }
}

export const itemsOf = (reply: Reply): readonly Reply[] => ('items' in reply ? reply.items : [])

/** One line that tells every difference there can be between two replies. */
export function show(reply: Reply): string {
  switch (reply.kind) {
    case 'simple':
      return `+${escaped(reply.text)}`
    case 'error':
      return `-${escaped(reply.text)}`
    case 'bulk error':
      return `!${escaped(reply.text)}`
    case 'integer':
      return `:${reply.text}`
    case 'double':
      return `,${reply.text}`
    case 'big':
      return `(${reply.text}`
    case 'boolean':
      return `#${reply.text}`
    case 'bulk':
      return `"${escaped(reply.text)}"`
    case 'verbatim':
      return `=${reply.text.slice(0, 4)}"${escaped(reply.text.slice(4))}"`
    case 'null':
      return reply.text === 'RESP3' ? '_' : `(no ${reply.text})`
    case 'array':
      return `[${reply.items.map(show).join(', ')}]`
    case 'set':
      return `~[${reply.items.map(show).join(', ')}]`
    case 'push':
      return `>[${reply.items.map(show).join(', ')}]`
    case 'map':
    case 'attribute':
      return `${reply.kind === 'map' ? '' : '|'}{${pairs(reply.items).join(', ')}}`
  }
}

function pairs(items: readonly Reply[]): string[] {
  const shown: string[] = []
  for (let index = 0; index < items.length; index += 2)
    shown.push(`${show(items[index]!)}: ${show(items[index + 1]!)}`)
  return shown
}

const names: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
}

const escaped = (text: string): string =>
  text.replaceAll(
    /[^ !#-[\]-~]/g,
    char => names[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
