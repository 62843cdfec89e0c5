import type { Row, Value } from '../values.ts'
import { textOf } from './text.ts'

/** Between these, a terminal of the kind of VT100 draws lines for letters. */
const LINES = '\x1b(0'
const LETTERS = '\x1b(B'
const BAR = `${LINES}x${LETTERS}`

const bold = (text: string): string => `\x1b[1m${text}\x1b[0m`

/** A list is shown without brackets, as there are lines around it. */
const cellOf = (value: Value): string =>
  Array.isArray(value) ? value.map(textOf).join(', ') : textOf(value)

export function prettyRows(rows: readonly Row[]): string {
  const [first] = rows
  if (first === undefined) return ''
  const heads = Object.keys(first)
  const cells = rows.map(row => Object.values(row).map(cellOf))
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...cells.map(row => row[index]!.length)),
  )
  const rule = (left: string, middle: string, right: string): string =>
    `${LINES}${left}${widths.map(width => 'q'.repeat(width + 2)).join(middle)}${right}${LETTERS}\n`
  const draw = (texts: readonly string[], show: (text: string) => string): string =>
    `${texts
      .map((text, index) => `${BAR} ${show(text)}${' '.repeat(widths[index]! - text.length)} `)
      .join('')}${BAR}\n`
  const body = cells.map(row => draw(row, text => text)).join('')
  return rule('l', 'w', 'k') + draw(heads, bold) + rule('t', 'n', 'u') + body + rule('m', 'v', 'j')
}
