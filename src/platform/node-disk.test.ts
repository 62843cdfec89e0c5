import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DiskError } from './disk.ts'
import { nodeDisk } from './node-disk.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabir-disk-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('disk: writes where it is told, in pieces, and reads it back', async () => {
  const path = join(folder, 'file')
  const file = await nodeDisk.open(path, 'create')
  await file.write([Buffer.from('ab'), Buffer.from('cde')], 4)
  await file.write([Buffer.from('AB')], 0)
  expect(file.sizeBytes).toBe(9)
  await file.sync()
  expect(String(await file.read(4, 100))).toBe('abcde')
  expect((await file.read(9, 10)).length).toBe(0)
  await file.truncate(2)
  await file.close()
  expect(String(await readFile(path))).toBe('AB')
})

test('disk: writes more buffers at once than the system takes', async () => {
  const file = await nodeDisk.open(join(folder, 'file'), 'create')
  const buffers = Array.from({ length: 5000 }, (_, index) => Buffer.from(String(index % 10)))
  await file.write(buffers, 0)
  expect(String(await file.read(0, 5000))).toBe('0123456789'.repeat(500))
  file.writeNow(buffers, 5, true)
  expect(file.sizeBytes).toBe(5005)
  expect(String(await file.read(0, 5005))).toBe(`01234${'0123456789'.repeat(500)}`)
  await file.close()
})

test('disk: writing at once says what the system said', async () => {
  await writeFile(join(folder, 'file'), '')
  const file = await nodeDisk.open(join(folder, 'file'), 'read')
  expect(() => file.writeNow([Buffer.from('x')], 0, false)).toThrow(/cannot write to .*file: EBADF/)
  await file.close()
})

const failures: [name: string, kind: string, run: () => Promise<unknown>][] = [
  ['a missing file', 'missing', () => nodeDisk.open(join(folder, 'none'), 'read')],
  ['a missing file to write', 'missing', () => nodeDisk.open(join(folder, 'none'), 'write')],
  [
    'a file that is there already',
    'exists',
    async () => {
      await (await nodeDisk.open(join(folder, 'a'), 'create')).close()
      await nodeDisk.open(join(folder, 'a'), 'create')
    },
  ],
]

for (const [name, kind, run] of failures) {
  test(`disk: ${name} is an error of kind ${kind}`, async () => {
    const thrown = await run().catch((error: unknown) => error)
    expect(thrown).toBeInstanceOf(DiskError)
    expect((thrown as DiskError).kind).toBe(kind)
  })
}

test('disk: lists, renames and removes; what is not there is no error', async () => {
  expect(await nodeDisk.list(join(folder, 'none'))).toEqual([])
  await nodeDisk.makeFolder(join(folder, 'x/y'))
  await nodeDisk.makeFolder(join(folder, 'x/y'))
  await (await nodeDisk.open(join(folder, 'x/b'), 'create')).close()
  await nodeDisk.rename(join(folder, 'x/b'), join(folder, 'x/a'))
  await nodeDisk.syncFolder(join(folder, 'x'))
  expect(await nodeDisk.list(join(folder, 'x'))).toEqual(['a', 'y'])
  await nodeDisk.remove(join(folder, 'x/a'))
  await nodeDisk.remove(join(folder, 'x/a'))
  expect(await nodeDisk.freeBytes(folder)).toBeGreaterThan(0)
})

test('lock: keeps others out, names the holder, and is free again after its release', async () => {
  const lock = await nodeDisk.lock(folder)
  const thrown = await nodeDisk.lock(folder).catch((error: unknown) => error)
  expect(thrown).toMatchObject({ kind: 'locked', path: folder })
  expect((thrown as DiskError).message).toContain(`process ${process.pid}`)
  await lock.release()
  await (await nodeDisk.lock(folder)).release()
})

test('lock: works in folders with long paths', async () => {
  const long = join(folder, 'x'.repeat(100), 'y'.repeat(100))
  await nodeDisk.makeFolder(long)
  const lock = await nodeDisk.lock(long)
  await expect(nodeDisk.lock(long)).rejects.toThrow('is in use by process')
  await lock.release()
})

test('lock: a process that is killed leaves none behind', async () => {
  const module = pathToFileURL(new URL('./node-lock.ts', import.meta.url).pathname).href
  const script = `
    const { lockFolder } = await import(${JSON.stringify(module)})
    await lockFolder(${JSON.stringify(folder)})
    process.stdout.write('locked')
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve())
    holder.once('exit', code => reject(new Error(`the holder ended with ${code}`)))
  })
  await expect(nodeDisk.lock(folder)).rejects.toThrow(`in use by process ${holder.pid}`)
  const ended = new Promise(resolve => holder.once('exit', resolve))
  holder.kill('SIGKILL')
  await ended
  await (await nodeDisk.lock(folder)).release()
})
