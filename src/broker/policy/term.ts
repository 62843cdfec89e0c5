/** A JSON value as RabbitMQ's messages show it: scripts and people compare them. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `<<"${value.replace(/["\\]/g, '\\$&')}">>`
  if (Array.isArray(value)) return `[${value.map(shown).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, of]) => `{${shown(key)},${shown(of)}}`)
    return `[${entries.join(',')}]`
  }
  return String(value)
}
