import { equal, fail } from 'node:assert/strict'
import { ClientError, type Row } from './driver.ts'

/** Records `value-0`, `value-1`, … for one partition. */
export function rows(count: number, partition = 0): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    partition,
    key: `key-${index}`,
    value: `value-${index}`,
  }))
}

export const valuesOf = (records: readonly { value: string | null }[]): (string | null)[] =>
  records.map(({ value }) => value)

/** The broker must say no, with this error code of Kafka's. */
export async function refused(run: () => Promise<unknown>, code: number): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    equal(error.code, code, `code ${error.code} instead of ${code}: ${error.message}`)
    return
  }
  fail(`expected error ${code}, but it was done`)
}

/** Asks again until the answer is yes: for what brokers and clients do in their own time. */
export async function eventually(ask: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  let reason: unknown = new Error('the answer stayed no')
  while (performance.now() < deadline) {
    try {
      if (await ask()) return
    } catch (error) {
      reason = error
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw reason
}
