import { createReadStream, readFileSync, statSync } from 'node:fs'

/** The text of a small file, or undefined when there is no such file. Other failures are thrown. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A file in pieces, for content of any size. Fails, naming the path, when it cannot be read. */
export function openChunks(path: string): { sizeBytes: number; chunks: AsyncIterable<Buffer> } {
  const { size } = statSync(path)
  return { sizeBytes: size, chunks: createReadStream(path, { highWaterMark: 256 * 1024 }) }
}
