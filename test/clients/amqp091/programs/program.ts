import { spawn, type StdioOptions } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A whole application, as users write them; its notes are compared with those at RabbitMQ. */
export type Program = {
  readonly name: string
  prepare(): Promise<void>
  run(address: string, note: (label: string, value: unknown) => void): Promise<void>
}

const PROGRAM_MS_MAX = 90_000

/** Runs a program that prints each note as a line of JSON: `{"label": …, "value": …}`. */
export async function notesOf(
  command: readonly string[],
  note: (label: string, value: unknown) => void,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const [program = '', ...options] = command
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
  const child = spawn(program, options, { stdio, env: { ...process.env, ...env } })
  let complaints = ''
  child.stderr?.on('data', chunk => {
    complaints = (complaints + String(chunk)).slice(-4000)
  })
  createInterface({ input: child.stdout! }).on('line', line => {
    if (!line.startsWith('{"label"')) return
    const { label, value } = JSON.parse(line) as { label: string; value: unknown }
    note(label, value)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), PROGRAM_MS_MAX)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  clearTimeout(timer)
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${complaints}`)
}
