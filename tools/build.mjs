// Builds src/ to dist/ file by file, for `import 'sabir'`, and packs the program into few files,
// dist/program/: reading several hundred small ones took half of the time from start to ready.
// With --clean nothing of an earlier build is left, as a package wants it.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const compiler = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url))
if (process.argv.includes('--clean')) {
  rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true })
}
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
if (status !== 0) process.exit(1)

const { build } = await import('esbuild')
rmSync(new URL('../dist/program', import.meta.url), { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: ['dist/main.js'],
  outdir: 'dist/program',
  bundle: true,
  splitting: true, // What is imported late stays apart, and is loaded late.
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  sourcemap: true,
  logLevel: 'warning',
})
