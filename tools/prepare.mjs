// Makes a checkout ready to run: installs what package-lock.json names and builds src/ to dist/,
// each only when it is missing or stale. Plain JavaScript without dependencies, because it runs
// before anything is installed; silent when there is nothing to do.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampPath = join(root, 'dist', '.built')

refuseOldNode()
if (!isInstalled()) install()
const fingerprint = fingerprintOfSources()
if (!isBuilt(fingerprint)) build(fingerprint)

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(`Sabir needs Node 20.19 or newer, this is ${process.versions.node}: see https://nodejs.org.`)
}

/** Compares what npm says it installed with what the lock file asks for, package by package. */
function isInstalled() {
  const installed = readJson('node_modules/.package-lock.json')
  const wanted = readJson('package-lock.json')
  if (installed === undefined || wanted === undefined) return false
  for (const [path, entry] of Object.entries(wanted.packages)) {
    if (path === '' || entry.link) continue
    const found = installed.packages[path]
    // Optional packages may be for another system, and are then rightly absent.
    if (
      found === undefined ? !(entry.optional || entry.devOptional) : found.version !== entry.version
    )
      return false
  }
  return true
}

function install() {
  say('installing dependencies (npm ci) …')
  const npm = process.env.npm_execpath
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  if (npm !== undefined && /npm-cli\.js$/.test(npm)) run(process.execPath, [npm, ...options])
  else run('npm', options, process.platform === 'win32')
}

function isBuilt(stamp) {
  if (!existsSync(stampPath) || !existsSync(join(root, 'dist/program/main.cjs'))) return false
  return readFileSync(stampPath, 'utf8') === stamp
}

function build(stamp) {
  say('building …')
  run(process.execPath, [join('tools', 'build.mjs')])
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(stampPath, stamp)
}

/** Names, sizes and times of everything the build reads. Contents would cost more than they tell. */
function fingerprintOfSources() {
  const hash = createHash('sha1')
  const paths = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'tools/build.mjs']
  for (const name of readdirSync(join(root, 'src'), { recursive: true })) {
    if (name.endsWith('.ts') && !name.endsWith('.test.ts')) paths.push(join('src', name))
  }
  for (const path of paths.sort()) {
    const { size, mtimeMs } = statSync(join(root, path))
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'))
  } catch {
    return undefined // Missing or half-written: both mean "install".
  }
}

function run(command, options, shell = false) {
  const { status, error } = spawnSync(command, options, { cwd: root, stdio: 'inherit', shell })
  if (error !== undefined) fail(`could not run ${command}: ${error.message}`)
  if (status !== 0) fail(`${[command, ...options].join(' ')} ended with ${status}`)
}

function say(text) {
  process.stderr.write(`sabir: ${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(1)
}
