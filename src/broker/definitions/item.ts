import { BrokerError } from '../errors.ts'

/** Reads one definition. What is missing or of the wrong type is named, with the definition. */
export class Item {
  /** For people: `queue "orders" in vhost "/"`. */
  readonly label: string
  readonly #fields: Readonly<Record<string, unknown>>

  constructor(kind: string, value: unknown, namespace: string | null) {
    const fields = plainObject(value)
    this.#fields = fields ?? {}
    const name = this.#fields['name'] ?? this.#fields['user'] ?? this.#fields['source']
    const space = this.#fields['vhost'] ?? namespace
    this.label =
      kind +
      (typeof name === 'string' ? ` "${name}"` : '') +
      (typeof space === 'string' ? ` in vhost "${space}"` : '')
    if (fields === null) throw this.flaw('is not an object')
  }

  flaw(text: string): BrokerError {
    return new BrokerError('malformed', `${this.label} ${text}`)
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined && this.#fields[name] !== null
  }

  value(name: string): unknown {
    return this.#fields[name]
  }

  text(name: string, fallback?: string): string {
    const value = this.has(name) ? this.#fields[name] : fallback
    if (typeof value === 'string') return value
    throw this.#wrong(name, 'text', value)
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.has(name) ? this.#fields[name] : fallback
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
    throw this.#wrong(name, 'true or false', value)
  }

  number(name: string, fallback: number): number {
    const value = this.has(name) ? this.#fields[name] : fallback
    if (typeof value === 'number') return value
    throw this.#wrong(name, 'a number', value)
  }

  /** A list, or, as older ones have it, text with commas. */
  texts(name: string): readonly string[] {
    const value = this.has(name) ? this.#fields[name] : []
    const list = typeof value === 'string' ? value.split(',').filter(text => text !== '') : value
    if (Array.isArray(list) && list.every(text => typeof text === 'string')) {
      return list.map(text => text.trim())
    }
    throw this.#wrong(name, 'a list of texts', value)
  }

  /** An object; RabbitMQ also writes them as lists of pairs. */
  object(name: string): Readonly<Record<string, unknown>> {
    const value = this.has(name) ? plainObject(this.#fields[name]) : {}
    if (value !== null) return value
    throw this.#wrong(name, 'an object', this.#fields[name])
  }

  #wrong(name: string, wanted: string, value: unknown): BrokerError {
    const found = value === undefined ? 'it is missing' : `not ${JSON.stringify(value)}`
    return this.flaw(`needs ${wanted} for "${name}", ${found}`)
  }
}

/** An object, or a list of pairs as one; null for anything else. */
export function plainObject(value: unknown): Readonly<Record<string, unknown>> | null {
  if (isPairs(value)) return Object.fromEntries(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return value as Record<string, unknown>
}

export const isPairs = (value: unknown): value is [string, unknown][] =>
  Array.isArray(value) &&
  value.every(pair => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string')
