import { AsyncLocalStorage } from 'node:async_hooks'
import { run } from '../../src/cli/index.ts'

export type Outcome = { readonly code: number; readonly out: string; readonly error: string }
type Written = { readonly out: string[]; readonly error: string[] }

/** Whose output it is: several commands may run at the same time. */
const current = new AsyncLocalStorage<Written>()

function divert(stream: NodeJS.WriteStream, key: keyof Written): void {
  const original = stream.write.bind(stream)
  stream.write = ((chunk: string | Uint8Array, ...rest: []) => {
    const written = current.getStore()
    if (written === undefined) return original(chunk, ...rest)
    written[key].push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    return true
  }) as typeof stream.write // One of its overloads stands for all.
}
divert(process.stdout, 'out')
divert(process.stderr, 'error')

/** Runs one command line in this process, as `sabir …` would, and catches what it writes. */
export async function command(...words: string[]): Promise<Outcome> {
  const written: Written = { out: [], error: [] }
  process.exitCode = 0
  await current.run(written, () => run(words))
  const code = Number(process.exitCode)
  process.exitCode = 0
  return { code, out: written.out.join(''), error: written.error.join('') }
}
