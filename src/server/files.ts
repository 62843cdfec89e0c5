import { readFileSync } from 'node:fs'

/** The text of a small file, or undefined when there is no such file. Other failures are thrown. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
