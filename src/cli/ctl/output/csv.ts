import type { Row } from '../values.ts'
import { textOf } from './text.ts'

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`
const line = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\n`

export function csvRows(rows: readonly Row[]): string {
  const [first] = rows
  if (first === undefined) return ''
  return line(Object.keys(first)) + rows.map(row => line(Object.values(row).map(textOf))).join('')
}
