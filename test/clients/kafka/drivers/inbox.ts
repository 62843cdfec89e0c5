import { ClientError, type Found, type Operations } from '../driver.ts'
import { Inbox } from '../../inbox.ts'

/** Records that a group member received, until a scenario asks for them. */
export class RecordInbox {
  readonly #records = new Inbox<Found>()
  readonly #handed = new Map<number, number>()

  put(record: Found): void {
    this.#records.put(record)
  }

  /** Up to `count` records, once there are as many or the time is over. */
  async take(count: number, timeoutMs: number): Promise<Found[]> {
    const taken = await this.#records.take(count, timeoutMs)
    for (const { partition, offset } of taken) this.#handed.set(partition, offset + 1)
    return taken
  }

  /** What a member may forget: records of partitions that went to somebody else. */
  drop(kept: readonly number[]): void {
    this.#records.keep(({ partition }) => kept.includes(partition))
    for (const partition of this.#handed.keys()) {
      if (!kept.includes(partition)) this.#handed.delete(partition)
    }
  }

  /** The next offset of every partition from which records were handed out. */
  get positions(): [partition: number, offset: number][] {
    return [...this.#handed]
  }
}

/** Waits for a condition that a client library reports in no better way. */
export async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) return false
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return true
}

/** Kafka's error code, wherever in the chain of causes a JavaScript client put it. */
export function codeOf(thrown: unknown, field: 'code' | 'apiCode'): number | null {
  const seen = new Set<unknown>()
  const queue: unknown[] = [thrown]
  while (queue.length > 0) {
    const error = queue.shift()
    if (typeof error !== 'object' || error === null || seen.has(error)) continue
    seen.add(error)
    const fields = error as Record<string, unknown> // Any thrown object may have any fields.
    if (typeof fields[field] === 'number') return fields[field]
    for (const name of ['cause', 'errors', 'error', 'groups']) {
      const inner = fields[name]
      if (Array.isArray(inner)) queue.push(...inner)
      else queue.push(inner)
    }
  }
  return null
}

/** Every failure of the library becomes a ClientError that carries Kafka's code. */
export function translated(
  operations: Partial<Operations>,
  field: 'code' | 'apiCode',
): Partial<Operations> {
  const entries = Object.entries(operations).map(([name, run]) => [
    name,
    async (args: never) => {
      try {
        return await run(args)
      } catch (error) {
        if (error instanceof ClientError) throw error
        throw new ClientError(codeOf(error, field), String(error))
      }
    },
  ])
  return Object.fromEntries(entries)
}
