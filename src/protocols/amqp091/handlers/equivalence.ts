import { type FieldTable, type FieldValue, jsonValue } from '../codec/index.ts'
import { AmqpError } from '../errors.ts'
import { type Resource, shown } from './resource.ts'

/** What is declared again has to be what is there (RabbitMQ's texts, which clients show). */
export function demandSame(
  resource: Resource,
  property: string,
  values: { readonly received: string | boolean; readonly current: string | boolean },
): void {
  if (values.received === values.current) return
  throw inequivalent(resource, property, `'${values.received}'`, `'${values.current}'`)
}

/** What is there: its arguments as JSON and, while somebody remembers, as they came. */
export type Current = {
  readonly declared: Readonly<Record<string, unknown>>
  readonly fields?: FieldTable | undefined
}

/** The same for arguments of the given names. */
export function demandSameArguments(
  resource: Resource,
  names: readonly string[],
  received: FieldTable,
  { declared: current, fields }: Current,
): void {
  for (const name of names) {
    const field = received.get(name)
    const now = current[name]
    if (field === undefined && now === undefined) continue
    if (field !== undefined && now !== undefined) {
      const value = jsonValue(field)
      if (isSame(value, now)) continue
      throw inequivalent(resource, name, `'${shownValue(value)}'`, `'${shownValue(now)}'`)
    }
    // A classic queue is one whether anybody said so or not.
    if (name === 'x-queue-type' && (field?.value ?? now) === 'classic') continue
    const before = fields?.get(name)
    const shownNow = before === undefined ? typedJson(now) : typedField(before)
    throw inequivalent(resource, name, typedField(field), shownNow)
  }
}

function inequivalent(
  resource: Resource,
  property: string,
  received: string,
  current: string,
): AmqpError {
  return new AmqpError(
    'PRECONDITION_FAILED',
    `inequivalent arg '${property}' for ${shown(resource)}: ` +
      `received ${received} but current is ${current}`,
  )
}

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other)

const shownValue = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)

const typedField = (field: FieldValue | undefined): string =>
  field === undefined
    ? 'none'
    : `the value '${shownValue(jsonValue(field))}' of type '${field.type}'`

/** The type it was declared with is not stored: the one that most clients would have chosen. */
function typedJson(value: unknown): string {
  return value === undefined
    ? 'none'
    : `the value '${shownValue(value)}' of type '${typeOf(value)}'`
}

const INT32_MAX = 2 ** 31 - 1

function typeOf(value: unknown): string {
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return 'double'
    return Math.abs(value) <= INT32_MAX ? 'signedint' : 'long'
  }
  if (Array.isArray(value)) return 'array'
  return typeof value === 'object' ? 'table' : 'longstr'
}
