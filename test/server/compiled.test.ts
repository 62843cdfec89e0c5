import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const bin = new URL('../../bin/compiled.js', import.meta.url)
let folder: string
let script: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sabir-compiled-'))
  script = join(folder, 'main.cjs')
  writeFileSync(script, sourceOf(1))
})
afterEach(() => rmSync(folder, { recursive: true }))

const sourceOf = (answer: number): string => `'use strict'
exports.answer = () => ${answer}
exports.paths = [require('node:path').basename(__filename), typeof module, typeof __dirname]`

/** In a process of its own, as V8 keeps within one what it compiled. */
function run(): { answer: number; paths: string[]; isCompiledAnew: boolean } {
  const program = `import { runScript } from ${JSON.stringify(bin)}
    const { exports, isCompiledAnew, keep } = runScript(${JSON.stringify(script)})
    const answer = exports.answer()
    if (isCompiledAnew) await keep()
    console.log(JSON.stringify({ answer, paths: exports.paths, isCompiledAnew }))`
  const words = ['--input-type=module', '-e', program]
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

const cachePath = (): string => {
  const name = readdirSync(folder).find(entry => entry.endsWith('.cache'))
  return join(folder, name ?? 'none')
}

test('compiles a script once', () => {
  expect(run()).toEqual({
    answer: 1,
    paths: ['main.cjs', 'object', 'string'],
    isCompiledAnew: true,
  })
  expect(readdirSync(folder)).toHaveLength(2)
  expect(run()).toMatchObject({ answer: 1, isCompiledAnew: false })
})

test('a script that changed is compiled again, be it as long as it was', () => {
  run()
  writeFileSync(script, sourceOf(2))
  expect(run()).toMatchObject({ answer: 2, isCompiledAnew: true })
  expect(run()).toMatchObject({ answer: 2, isCompiledAnew: false })
})

test('what is damaged or cut short is not used, and replaced', () => {
  run()
  const whole = readFileSync(cachePath())
  const damaged = Buffer.from(whole)
  damaged.writeUInt8(damaged.readUInt8(whole.length - 9) ^ 1, whole.length - 9)
  for (const file of [damaged, whole.subarray(0, 100), whole.subarray(0, 5), Buffer.alloc(0)]) {
    writeFileSync(cachePath(), file)
    expect(run()).toMatchObject({ answer: 1, isCompiledAnew: true })
    expect(run()).toMatchObject({ answer: 1, isCompiledAnew: false })
  }
})

test('where nothing can be stored, it runs all the same and leaves nothing behind', () => {
  run()
  const path = cachePath()
  rmSync(path)
  mkdirSync(path)
  expect(run()).toMatchObject({ answer: 1, isCompiledAnew: true })
  expect(run()).toMatchObject({ answer: 1, isCompiledAnew: true })
  expect(readdirSync(folder)).toHaveLength(2)
})

/** Else V8 rejects what it compiled before the flag was set, each time and silently. */
test('flags the program sets are set before it is compiled', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const set = /^setFlagsFromString\((.*)\)$/gm
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts'))
    .map(path => readFileSync(join(root, 'src', path), 'utf8'))
  const inSources = sources.flatMap(text => text.match(set) ?? [])
  expect(inSources).not.toEqual([])
  expect(readFileSync(bin, 'utf8').match(set)).toEqual(inSources)
})
