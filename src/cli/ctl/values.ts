/** An Erlang atom: bare in every format. */
export class Atom {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** `{0,9,1}`. */
export class Tuple {
  readonly items: readonly Value[]

  constructor(items: readonly Value[]) {
    this.items = items
  }
}

/** Arguments of queues, exchanges, bindings and consumers. */
export class ArgumentTable {
  readonly entries: readonly (readonly [name: string, value: unknown])[]

  constructor(json: unknown) {
    this.entries = Object.entries((json ?? {}) as Readonly<Record<string, unknown>>)
  }
}

/** What a column may hold; texts are Erlang's binaries. */
export type Value = string | number | boolean | Atom | Tuple | ArgumentTable | readonly Value[]
/** By column, in the order in which they are shown. */
export type Row = Readonly<Record<string, Value>>

export const atom = (name: string): Atom => new Atom(name)

/** Of anything a list of the broker holds. */
export function valueOf(json: unknown): Value {
  if (json === null || json === undefined) return ''
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') return json
  if (Array.isArray(json)) return json.map(valueOf)
  return new ArgumentTable(json)
}

/** The type an AMQP client would have sent. */
export function argumentType(value: unknown): string {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return 'double'
    return Math.abs(value) < 2 ** 31 ? 'signedint' : 'long'
  }
  if (Array.isArray(value)) return 'array'
  return typeof value === 'object' && value !== null ? 'table' : 'longstr'
}
