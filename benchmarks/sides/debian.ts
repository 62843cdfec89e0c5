import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Installs packages, at a run level at which Debian does not start their services. */
export async function installDebian(packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  await run('apt-get', ['update', '--quiet'], { env })
  await run('apt-get', ['install', '--yes', '--quiet', ...packages], { env })
}
