// Builds src/ to dist/ file by file, for `import 'sabir'`, and packs the program with the packages
// it uses into one script, dist/program/main.cjs: reading several hundred small files took half of
// the time from start to ready, and what V8 compiled of one script can be kept (bin/program.js).
// With --clean nothing of an earlier build is left, as a package wants it.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['dist/main.js'],
  outfile: 'dist/program/main.cjs',
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  external: ['@cloudpss/zstd', '@node-rs/crc32', 'lz4-napi', 'snappy'], // They load native code.
  supported: { 'dynamic-import': false }, // What is imported late is in the script, and run late.
  charset: 'ascii', // A byte a character: it is read without being decoded.
  banner: { js: "const scriptUrl = require('node:url').pathToFileURL(__filename).href" },
  define: { 'import.meta.url': 'scriptUrl' },
  minifyWhitespace: true, // Names stay, for stacks.
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
})
writeFileSync(join(root, 'dist/program/LICENSES.txt'), licensesOf(packagesIn(metafile.inputs)))

/** The folders of the packages that were packed in. */
function packagesIn(inputs) {
  const folders = Object.keys(inputs).map(
    path => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0],
  )
  return [...new Set(folders.filter(folder => folder !== undefined))].sort()
}

/** Their licenses ask for being passed on with every copy. */
function licensesOf(folders) {
  const texts = folders.map(folder => {
    const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const file = readdirSync(join(root, folder)).find(entry => /^licen[cs]e/i.test(entry))
    if (file === undefined) throw new Error(`${name} has no license file that could be passed on`)
    return `${name} ${version}\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`
  })
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}
