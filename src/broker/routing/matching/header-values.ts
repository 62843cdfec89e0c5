import { isUtf8 } from 'node:buffer'
import type { CommonValue } from '../../../message/common.ts'

/**
 * One text for equal values, so that a map can find them. The widths of numbers do not matter, and
 * texts and bytes are the same. A binding's arguments are JSON values: so timestamps are seconds,
 * bytes that are no text are base64url, and numbers that JSON cannot hold are their digits.
 */
export function headerText(value: CommonValue | undefined): string {
  if (value === null || value === undefined) return 'null'
  switch (typeof value) {
    case 'string':
      return `s${value}`
    case 'number':
      return `n${value}`
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? `n${value}` : `s${value}`
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return compositeText(value)
  }
}

function compositeText(value: object): string {
  if (Buffer.isBuffer(value)) return `s${value.toString(isUtf8(value) ? 'utf8' : 'base64url')}`
  if (Array.isArray(value)) return `[${value.map(headerText).map(quoted).join(',')}]`
  if (value instanceof Map) return mapText([...value])
  if ('kind' in value && value.kind === 'timestamp' && 'millis' in value)
    return `n${Math.floor(Number(value.millis) / 1000)}`
  if ('kind' in value && value.kind === 'decimal' && 'scale' in value && 'unscaled' in value)
    return `n${Number(value.unscaled) / 10 ** Number(value.scale)}`
  return mapText(Object.entries(value))
}

function mapText(entries: readonly (readonly [unknown, unknown])[]): string {
  const texts = entries.map(([key, entry]) => {
    return `${quoted(String(key))}:${quoted(headerText(entry as CommonValue))}`
  })
  return `{${texts.sort().join(',')}}`
}

const quoted = (text: string): string => JSON.stringify(text)
