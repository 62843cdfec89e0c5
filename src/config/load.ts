import { readTextFile } from '../server/index.ts'
import { configOf, type Config } from './config.ts'
import { entriesOfEnvironment, entriesOfFlags, type Entries } from './entries.ts'
import { ConfigError } from './errors.ts'

/** A flag wins over the environment, the environment over the file, the file over the default. */
export async function loadConfig(
  flags: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  const fromFlags = entriesOfFlags(flags)
  const path = fromFlags.config ?? env['SABIR_CONFIG']
  const entries: Entries = new Map([
    ...(path === undefined || path === '' ? [] : await entriesOfPath(path)),
    ...entriesOfEnvironment(env),
    ...fromFlags.entries,
  ])
  if (entries.size === 0) return configOf({}) // The common start; it need not wait for the schema.
  const { checkEntries } = await import('./schema.ts')
  return configOf(checkEntries(entries))
}

async function entriesOfPath(path: string): Promise<Entries> {
  const { entriesOfFile } = await import('./file.ts')
  let text: string | undefined
  try {
    text = readTextFile(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ConfigError(`configuration file ${path} cannot be read: ${reason}`, { cause: error })
  }
  if (text === undefined) throw new ConfigError(`configuration file ${path} does not exist`)
  return entriesOfFile(text, path)
}
