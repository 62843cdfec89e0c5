import { argumentType, ArgumentTable, Atom, type Row, Tuple, type Value } from '../values.ts'

/** A row a line: what many scripts cut apart with grep. */
export const jsonRows = (rows: readonly Row[]): string =>
  `[\n${rows.map((row, index) => `${index === 0 ? '' : ','}${jsonRow(row)}\n`).join('')}]\n`

export const jsonLine = (rows: readonly Row[]): string => `[${rows.map(jsonRow).join(',')}]\n`

const jsonRow = (row: Row): string =>
  JSON.stringify(Object.fromEntries(Object.entries(row).map(([key, one]) => [key, plain(one)])))

function plain(value: Value): unknown {
  if (value instanceof Atom) return value.name
  if (value instanceof Tuple) return value.items.map(plain)
  if (value instanceof ArgumentTable) return value.entries.map(argument)
  return typeof value === 'object' ? value.map(plain) : value
}

/** Name, type and value, as RabbitMQ's tables lie in memory. */
const argument = ([name, value]: readonly [string, unknown]): unknown => [
  name,
  argumentType(value),
  ...typed(value),
]

function typed(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return [value.map(one => [argumentType(one), ...typed(one)])]
  if (typeof value !== 'object' || value === null) return [value]
  return [Object.entries(value).map(argument)]
}
