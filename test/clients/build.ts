import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Where a driver keeps what it fetched and built; not part of the repository. */
export function buildFolder(name: string): string {
  const folder = join(import.meta.dirname, '../../.cache/clients', name)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Runs a tool to its end. What it printed is the error when it fails. */
export async function run(
  program: string,
  options: readonly string[],
  settings: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, options, {
      ...settings,
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: string; stdout?: string; stderr?: string }
    if (code === 'ENOENT') throw new Error(`${program} is not installed`)
    throw new Error(`${program} failed: ${stderr || stdout || String(error)}`.slice(0, 4000))
  }
}
