import { ArgumentTable, Atom, Tuple, type Value } from '../values.ts'

/** A cell as tables and CSV show it. */
export function textOf(value: Value): string {
  if (value instanceof Atom) return value.name
  if (value instanceof Tuple) return `{${value.items.map(textOf).join(',')}}`
  if (value instanceof ArgumentTable)
    return `[${value.entries.map(([name, one]) => `{"${name}",${argumentText(one)}}`).join(',')}]`
  if (typeof value === 'object') return `[${value.map(textOf).join(', ')}]`
  return String(value)
}

function argumentText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(argumentText).join(',')}]`
  return typeof value === 'object' && value !== null
    ? textOf(new ArgumentTable(value))
    : String(value)
}
