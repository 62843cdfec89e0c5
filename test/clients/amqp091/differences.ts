import type { Notes } from './stage.ts'

/**
 * What was recorded from RabbitMQ 3.10, as Sabir answers it where it is meant to answer otherwise
 * in every scenario. Each change says why; those of one scenario stand in its `differs`.
 */
export function asSabir(recorded: Notes): Notes {
  return Object.fromEntries(
    Object.entries(recorded).map(([label, value]) => [label, changed(value)]),
  )
}

function changed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(changed)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]) => [name, changed(field)])
  return withLastDeath(Object.fromEntries(fields) as Record<string, unknown>)
}

/** Since RabbitMQ 4.0 the newest entry of `x-death` is repeated in headers of its own. */
function withLastDeath(table: Record<string, unknown>): Record<string, unknown> {
  const [newest] = (table['x-death'] ?? []) as Record<string, unknown>[]
  if (newest === undefined) return table
  return {
    ...table,
    'x-last-death-exchange': newest['exchange'],
    'x-last-death-queue': newest['queue'],
    'x-last-death-reason': newest['reason'],
  }
}
