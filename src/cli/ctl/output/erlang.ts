import { argumentType, ArgumentTable, Atom, type Row, Tuple, type Value } from '../values.ts'

/** Terms as Erlang reads them, on one line. */
export const erlangRows = (rows: readonly Row[]): string =>
  `[${rows.map(row => `[${fieldsOf(row)}]`).join(',')}]\n`

const fieldsOf = (row: Row): string =>
  Object.entries(row)
    .map(([name, value]) => `{${atomText(name)},${termOf(value)}}`)
    .join(',')

function termOf(value: Value): string {
  if (value instanceof Atom) return atomText(value.name)
  if (value instanceof Tuple) return `{${value.items.map(termOf).join(',')}}`
  if (value instanceof ArgumentTable) return `[${value.entries.map(argument).join(',')}]`
  if (typeof value === 'object') return `[${value.map(termOf).join(',')}]`
  return typeof value === 'string' ? binary(value) : String(value)
}

const argument = ([name, value]: readonly [string, unknown]): string =>
  `{${binary(name)},${argumentType(value)},${jsonTerm(value)}}`

function jsonTerm(value: unknown): string {
  if (typeof value === 'string') return binary(value)
  if (Array.isArray(value))
    return `[${value.map(one => `{${argumentType(one)},${jsonTerm(one)}}`).join(',')}]`
  return typeof value === 'object' && value !== null
    ? termOf(new ArgumentTable(value))
    : String(value)
}

const binary = (text: string): string =>
  `<<${JSON.stringify(text)}${isAscii(text) ? '' : '/utf8'}>>`
const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length
const atomText = (name: string): string => (/^[a-z][\w@]*$/.test(name) ? name : `'${name}'`)
