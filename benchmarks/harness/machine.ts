import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { arch, cpus, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { fileSystemOf, machineCpuSeconds, usageOf } from './processes.ts'
import { type Machine, median } from './result.ts'

const SYNCS = 50

/** What the figures were found on; `folder` is where the servers write. */
export function describeMachine(folder: string): Machine {
  return {
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'} (${arch()})`,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    fileSystem: fileSystemOf(resolve(folder)),
    syncMs: syncMs(folder),
    kernel: release(),
    node: process.version,
  }
}

/** Begins to watch what other programs take of the processors; the answer is a part of them. */
export function watchOthers(): () => number {
  const own = (): number => usageOf(process.pid).cpuSeconds
  const [began, machine, ours] = [performance.now(), machineCpuSeconds(), own()]
  return () => {
    const seconds = ((performance.now() - began) / 1000) * cpus().length
    const others = machineCpuSeconds() - machine - (own() - ours)
    return Math.round(Math.max(0, others / seconds) * 100) / 100
  }
}

function syncMs(folder: string): number {
  const path = join(folder, `bench-sync-${process.pid}`)
  const file = openSync(path, 'w')
  const bytes = Buffer.alloc(4096, 1)
  const found: number[] = []
  for (let index = 0; index < SYNCS; index++) {
    const began = performance.now()
    writeSync(file, bytes)
    fdatasyncSync(file)
    found.push(performance.now() - began)
  }
  closeSync(file)
  rmSync(path)
  return Number(median(found).toPrecision(2))
}
