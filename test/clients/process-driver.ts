import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { ClientError } from './client-error.ts'

type Answer = { id: number; ok?: unknown; error?: { code: number | null; message: string } }

/** A client in a process of its own, with the operations that it carries out. */
export type ProcessDriver<Operations> = {
  readonly operations: Partial<Operations>
  close(): Promise<void>
}

type Waiting = { resolve(value: unknown): void; reject(error: Error): void }

/** How long one operation of a client may take before its scenario fails. */
const OPERATION_MS_MAX = 45_000

/**
 * Talks to a driver in another process: a line of JSON per operation to its stdin, a line per
 * answer from its stdout. Operations may overlap; answers carry the number of their question.
 */
export async function openProcessDriver<Operations>(
  command: readonly string[],
  address: string,
  operations: readonly (keyof Operations & string)[],
): Promise<ProcessDriver<Operations>> {
  const child = spawn(command[0] ?? '', [...command.slice(1), address], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const waiting = new Map<number, Waiting>()
  let complaints = ''
  child.stderr.on('data', chunk => {
    complaints = (complaints + String(chunk)).slice(-4000)
  })
  child.on('error', error => fail(waiting, error.message))
  child.stdin.on('error', () => {}) // The exit tells more.
  child.on('exit', code => fail(waiting, `the driver ended with ${code}: ${complaints}`))
  createInterface({ input: child.stdout }).on('line', line => settle(waiting, line))
  let last = 0
  const call = (op: string, args: object): Promise<unknown> => {
    const id = ++last
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(id)
        reject(new Error(`${op} took over ${OPERATION_MS_MAX} ms. ${complaints}`))
      }, OPERATION_MS_MAX)
      const ended = (run: () => void): void => {
        clearTimeout(timer)
        run()
      }
      if (child.exitCode !== null) return reject(new Error(`the driver is gone: ${complaints}`))
      waiting.set(id, {
        resolve: value => ended(() => resolve(value)),
        reject: error => ended(() => reject(error)),
      })
      child.stdin.write(`${JSON.stringify({ id, op, args })}\n`)
    })
  }
  const table = Object.fromEntries(
    operations.map(op => [op, (args: object) => call(op, args)]),
  ) as unknown as Partial<Operations> // Each entry has the signature its name promises.
  return { operations: table, close: () => end(child) }
}

function settle(waiting: Map<number, Waiting>, line: string): void {
  if (!line.startsWith('{')) return
  const answer = JSON.parse(line) as Answer
  const question = waiting.get(answer.id)
  waiting.delete(answer.id)
  if (answer.error === undefined) question?.resolve(answer.ok)
  else question?.reject(new ClientError(answer.error.code, answer.error.message))
}

function fail(waiting: Map<number, Waiting>, reason: string): void {
  for (const question of waiting.values()) question.reject(new Error(reason))
  waiting.clear()
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.stdin?.end()
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await gone
  clearTimeout(timer)
}
