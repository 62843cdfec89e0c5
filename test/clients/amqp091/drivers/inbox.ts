import { Inbox as Items } from '../../inbox.ts'
import { WAIT_MS_MAX } from '../driver.ts'

/** What a broker sent without being asked, until a scenario asks for it. */
export class Inbox<Item> {
  readonly #items = new Items<Item>()

  put(item: Item): void {
    this.#items.put(item)
  }

  take(count: number, waitMs = WAIT_MS_MAX): Promise<Item[]> {
    return this.#items.take(count, waitMs)
  }

  async one(what: string): Promise<Item> {
    const [item] = await this.take(1)
    if (item === undefined) throw new Error(`no ${what} within ${WAIT_MS_MAX} ms`)
    return item
  }
}

/** A header table as a scenario notes it: what JSON lacks becomes text. */
export function shown(value: unknown): unknown {
  if (value instanceof Date) return '<time>'
  if (Buffer.isBuffer(value)) return value.toString()
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Record<string, unknown>
  if (fields['!'] === 'timestamp') return '<time>'
  const entries = Object.entries(fields).map(([name, field]) => [name, shown(field)] as const)
  // One library shows times as numbers, and only brokers use this name.
  const named = entries.map(([name, field]) => [name, name === 'time' ? '<time>' : field])
  return Object.fromEntries(named)
}

/** Without absent properties, and without a header table that is empty. */
export function present(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(properties).filter(([name, value]) => {
    if (value === undefined || value === null) return false
    return name !== 'headers' || Object.keys(value).length > 0
  })
  return Object.fromEntries(entries.map(([name, value]) => [name, shown(value)]))
}
