import { join } from 'node:path'
import { buildFolder, run } from './build.ts'

/**
 * Debian's compiler is older than today's clients want. Its own module loader can fetch a newer
 * one, which then takes over, as compilers from 1.21 on do by themselves.
 */
const TOOLCHAIN = 'go1.25.5'

/** Builds a package of the module in a folder to a program. */
export async function buildGo(module: string, folder: string, program: string): Promise<void> {
  const { go, env } = await compiler()
  await run(go, ['build', '-o', program, folder], { cwd: module, env })
}

/** A compiler that is new enough, fetched if need be. */
async function compiler(): Promise<{ go: string; env: NodeJS.ProcessEnv }> {
  const version = await run('go', ['version'])
  const minor = Number(/go1\.(\d+)/.exec(version)?.[1])
  if (minor >= 21) return { go: 'go', env: process.env }
  const platform = `linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`
  const asked = `golang.org/toolchain@v0.0.1-${TOOLCHAIN}.${platform}`
  const cwd = buildFolder('go-toolchain')
  const env = { ...process.env, GOFLAGS: '-modcacherw' }
  const told = await run('go', ['mod', 'download', '-json', asked], { cwd, env })
  const { Dir } = JSON.parse(told) as { Dir: string }
  await run('sh', ['-c', `chmod -R u+x ${Dir}/bin ${Dir}/pkg/tool`])
  return { go: join(Dir, 'bin/go'), env: { ...process.env, GOROOT: Dir } }
}
