import type { Row } from '../values.ts'
import { csvRows } from './csv.ts'
import { erlangRows } from './erlang.ts'
import { jsonRows } from './json.ts'
import { prettyRows } from './pretty-table.ts'
import { tableRows } from './table.ts'

export const formatters = ['table', 'json', 'csv', 'pretty_table', 'erlang', 'string'] as const
export type Formatter = (typeof formatters)[number]

export const isFormatter = (name: string): name is Formatter =>
  (formatters as readonly string[]).includes(name)

/** Formats for programs, before which nothing else is written. */
export const isForMachines = (formatter: Formatter): boolean =>
  formatter === 'json' || formatter === 'csv'

export function formatted(rows: readonly Row[], formatter: Formatter, hasHeader: boolean): string {
  switch (formatter) {
    case 'json':
      return jsonRows(rows)
    case 'csv':
      return csvRows(rows)
    case 'pretty_table':
      return prettyRows(rows)
    case 'erlang':
      return erlangRows(rows)
    default:
      return tableRows(rows, hasHeader)
  }
}
