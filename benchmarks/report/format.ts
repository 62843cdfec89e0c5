import { median } from '../harness/result.ts'

/** Three digits, and a letter for thousands or millions of what is counted. */
export function amount(value: number, unit: string): string {
  if (!Number.isFinite(value)) return '–'
  const isCount = unit.includes('/s')
  if (isCount && Math.abs(value) >= 1e6) return `${digits(value / 1e6)} M`
  if (isCount && Math.abs(value) >= 10_000) return `${digits(value / 1e3)} k`
  return digits(value)
}

/** Such as `1.23 M (1.1 M–1.31 M)`: the median, the least and the most. */
export function spread(values: readonly number[] | undefined, unit: string): string {
  if (values === undefined || values.length === 0) return '–'
  const middle = amount(median(values), unit)
  const [least, most] = [Math.min(...values), Math.max(...values)].map(one => amount(one, unit))
  return least === most ? middle : `${middle} (${least}–${most})`
}

export function digits(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.001) return value.toExponential(1)
  const rounded = Number(value.toPrecision(3))
  return Math.abs(rounded) >= 1000 ? rounded.toLocaleString('en-US') : String(rounded)
}

export const percent = (part: number): string => `${Math.round(part * 100)} %`

/** A heading's or a file's part of an address. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')

export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: 'left' | 'right' = 'right',
): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const rules = head.map((_, index) => (index === 0 || align === 'left' ? '---' : '--:'))
  return [line(head), `|${rules.join('|')}|`, ...rows.map(line)].join('\n')
}
