import type { Row } from '../values.ts'
import { textOf } from './text.ts'

/** Tabs between columns. The header comes with the first row: nothing at all when there is none. */
export function tableRows(rows: readonly Row[], hasHeader: boolean): string {
  const [first] = rows
  if (first === undefined) return ''
  const header = hasHeader ? `${Object.keys(first).join('\t')}\n` : ''
  return header + rows.map(row => `${Object.values(row).map(textOf).join('\t')}\n`).join('')
}
