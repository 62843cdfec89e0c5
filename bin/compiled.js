// Scripts with what V8 compiled of them when they ran last.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'

// V8 takes only what was compiled under the same flags, and a part of the program sets this one
// when it is loaded.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')

const DIGEST_BYTES = 32

/**
 * Runs a CommonJS script of ASCII characters. Gives what it exports, whether it had to be compiled,
 * and `keep`, which stores what is compiled by then for the next time.
 *
 * It is stored beside the script: whoever may write there may change the script as well. Where
 * nothing may be written, each start compiles: slower, and no failure.
 */
export function runScript(path) {
  const cachePath = `${path}.${process.version}-${process.arch}.cache`
  const source = readFileSync(path, 'latin1')
  const cachedData = readCache(cachePath, source)
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`
  const script = new Script(wrapped, { filename: path, cachedData })
  const module = { exports: {} }
  const { exports } = module
  script.runInThisContext()(exports, createRequire(path), module, path, dirname(path))
  return {
    exports: module.exports,
    isCompiledAnew: cachedData === undefined || script.cachedDataRejected === true,
    keep: () => writeCache(cachePath, source, script.createCachedData()),
  }
}

/** Undefined when there is none, or it is of another build or damaged: V8 itself checks less. */
function readCache(path, source) {
  try {
    const file = readFileSync(path)
    const code = file.subarray(DIGEST_BYTES)
    return file.subarray(0, DIGEST_BYTES).equals(digest(source, code)) ? code : undefined
  } catch {
    return undefined
  }
}

async function writeCache(path, source, code) {
  const own = `${path}.${process.pid}`
  try {
    await writeFile(own, Buffer.concat([digest(source, code), code]))
    await rename(own, path)
  } catch {
    await rm(own, { force: true }).catch(() => {})
  }
}

function digest(source, code) {
  return createHash('sha256').update(source, 'latin1').update(code).digest()
}
