import type { CommonValue } from '../../../message/common.ts'

/**
 * One text for equal values, so that a map can find them. As RabbitMQ compares them: the widths of
 * numbers do not matter, but whole ones and fractions differ; texts and bytes are the same. A
 * timestamp is its seconds, because that is how JSON writes it in a binding's arguments.
 */
export function headerText(value: CommonValue | undefined): string {
  if (value === null || value === undefined) return 'null'
  switch (typeof value) {
    case 'string':
      return `s${value}`
    case 'number':
      return `n${value}`
    case 'bigint':
      return `n${value}`
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return compositeText(value)
  }
}

function compositeText(value: object): string {
  if (Buffer.isBuffer(value)) return `s${value.toString()}`
  if (Array.isArray(value)) return `[${value.map(headerText).map(quoted).join(',')}]`
  if (value instanceof Map) return mapText([...value])
  if ('kind' in value && value.kind === 'timestamp' && 'millis' in value)
    return `n${Math.floor(Number(value.millis) / 1000)}`
  if ('kind' in value && value.kind === 'decimal' && 'scale' in value && 'unscaled' in value)
    return `d${Number(value.unscaled)}e-${Number(value.scale)}`
  return mapText(Object.entries(value))
}

function mapText(entries: readonly (readonly [unknown, unknown])[]): string {
  const texts = entries.map(([key, entry]) => {
    return `${quoted(String(key))}:${quoted(headerText(entry as CommonValue))}`
  })
  return `{${texts.sort().join(',')}}`
}

const quoted = (text: string): string => JSON.stringify(text)
