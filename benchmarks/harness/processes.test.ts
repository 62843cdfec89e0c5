import { equal, ok } from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'vitest'
import { bytesIn, cpuSecondsIn, fileSystemOf, isRunning, treeOf, usageOf } from './processes.ts'
import { sectorsWritten, writtenBelow } from './disk.ts'
import { endProgram, hasEnded, newFolder, removeFolder, startProgram } from './programs.ts'

test('the processor time of a process whose name holds blanks and brackets', () => {
  const before = '4711 (a (b) c) S 1 4711 4711 0 -1 4194560 100 200 0 0'
  equal(cpuSecondsIn(`${before} 150 50 7 3 20 0 1 0 12345 1000 200`), 2.1)
  equal(cpuSecondsIn(''), 0)
})

test('a line of a status, in bytes', () => {
  const status = 'Name:\tjava\nVmHWM:\t    1024 kB\nVmRSS:\t     512 kB\n'
  equal(bytesIn(status, 'VmHWM'), 1024 * 1024)
  equal(bytesIn(status, 'VmRSS'), 512 * 1024)
  equal(bytesIn(status, 'VmSwap'), 0)
})

test('a process that is none uses nothing', () => {
  const none = 2 ** 22 + 1
  equal(usageOf(none).cpuSeconds, 0)
  equal(isRunning(none), false)
})

test('what a disk wrote, of its statistics', () => {
  equal(sectorsWritten('  10 0 80 5 20 0 16 7 0 12 12 0 0 0 0 0 0\n'), 16 * 512)
  ok(writtenBelow(tmpdir()) >= 0)
})

test('proc is a file system of its own', () => {
  equal(fileSystemOf('/proc'), 'proc')
})

test('a program ends with all that it started, also orphans', async () => {
  const folder = newFolder(tmpdir(), 'test')
  const file = join(folder, 'orphan')
  const orphaned = `(sleep 60 & echo $! > '${file}.new'; mv '${file}.new' '${file}')`
  const child = startProgram(['sh', '-c', `${orphaned}; sleep 60 & wait`], undefined, folder)
  while (!existsSync(file) || treeOf(child.pid!).length < 2) await soon()
  const orphan = Number(readFileSync(file, 'utf8'))
  while (treeOf(child.pid!).includes(orphan)) await soon()
  ok(isRunning(orphan))
  await endProgram(child, 'SIGTERM')
  ok(hasEnded(child))
  while (isRunning(orphan)) await soon()
  removeFolder(folder)
})

const soon = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5))
