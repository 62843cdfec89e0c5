// Starts the build of src/main.ts. Compiling it was most of the time from start to ready.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runScript } from './compiled.js'

/** Runs one command line; the words are those behind `sabir`. */
export async function run(words) {
  const path = fileURLToPath(new URL('../dist/program/main.cjs', import.meta.url))
  if (!existsSync(path)) {
    process.stderr.write(
      'sabir: this checkout is not built yet: run "npm start" or "npm run build".\n',
    )
    process.exit(1)
  }
  const { exports, isCompiledAnew, keep } = runScript(path)
  const { isBroker } = await exports.main(words)
  if (isBroker && isCompiledAnew) await keep() // Other commands use little of what a start does.
}
