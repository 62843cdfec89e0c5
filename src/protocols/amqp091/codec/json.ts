import type { FieldTable, FieldValue } from './field-table.ts'

/** A table as its JSON form, in which declarations are kept and lists show it. */
export function jsonOf(table: FieldTable): Record<string, unknown> {
  const json: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const [name, value] of table) json[name] = jsonValue(value)
  return { ...json }
}

/** Bytes that are no text become base64url, what is beyond a safe integer its digits. */
export function jsonValue(field: FieldValue): unknown {
  switch (field.type) {
    case 'table':
      return jsonOf(field.value)
    case 'array':
      return field.value.map(jsonValue)
    case 'decimal':
      return field.value.unscaled / 10 ** field.value.scale
    case 'longstr':
    case 'binary':
      return typeof field.value === 'string' ? field.value : field.value.toString('base64url')
    case 'long':
    case 'timestamp':
      return typeof field.value === 'bigint' ? String(field.value) : field.value
    default:
      return field.value
  }
}

/** JSON as the table most clients would have sent: integers as small as they fit. */
export const tableOf = (json: Readonly<Record<string, unknown>>): FieldTable =>
  new Map(Object.entries(json).map(([name, value]) => [name, fieldOf(value)]))

const INT32_MAX = 2 ** 31 - 1

function fieldOf(value: unknown): FieldValue {
  if (typeof value === 'string') return { type: 'longstr', value }
  if (typeof value === 'boolean') return { type: 'bool', value }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) return { type: 'double', value }
    return { type: Math.abs(value) <= INT32_MAX ? 'signedint' : 'long', value }
  }
  if (Array.isArray(value)) return { type: 'array', value: value.map(fieldOf) }
  if (typeof value !== 'object' || value === null) return { type: 'void', value: null }
  return { type: 'table', value: tableOf(value as Readonly<Record<string, unknown>>) }
}
