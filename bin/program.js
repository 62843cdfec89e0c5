// Starts the build of src/main.ts. Where Node can keep compiled code between runs, it does.
import { existsSync } from 'node:fs'
import module from 'node:module'

/** Runs one command line; the words are those behind `sabir`. */
export async function run(words) {
  const built = new URL('../dist/program/main.js', import.meta.url)
  if (!existsSync(built)) {
    process.stderr.write(
      'sabir: this checkout is not built yet: run "npm start" or "npm run build".\n',
    )
    process.exit(1)
  }
  module.enableCompileCache?.()
  const { main } = await import(built.href)
  await main(words)
}
