import { readFileSync, writeFileSync } from 'node:fs'
import type { Usage } from './side.ts'

const TICKS_PER_SECOND = 100
const CHILD_TICKS = [15, 16]
const OWN_TICKS = [13, 14]

/** A process and all that it started, as Linux tells of them in /proc. */
export function treeOf(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim()
  const below = children === '' ? [] : children.split(' ').map(Number)
  return [pid, ...below.flatMap(treeOf)]
}

export function usageOf(root: number): Usage {
  const total = { cpuSeconds: 0, residentBytes: 0, peakBytes: 0, writtenBytes: 0 }
  for (const pid of treeOf(root)) {
    const status = read(`/proc/${pid}/status`)
    total.cpuSeconds += ticksOf(pid) / TICKS_PER_SECOND
    total.residentBytes += kibibytes(status, 'VmRSS')
    total.peakBytes += kibibytes(status, 'VmHWM')
    total.writtenBytes += Number(/^write_bytes: (\d+)/m.exec(read(`/proc/${pid}/io`))?.[1] ?? 0)
  }
  return total
}

/** From here on, the peak is that of what follows. */
export function forgetPeak(root: number): void {
  for (const pid of treeOf(root)) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, '5')
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Processes that ended count with the one that waited for them. */
function ticksOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  // The name may hold blanks and brackets; the numbers follow its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  let ticks = 0
  for (const index of [...OWN_TICKS, ...CHILD_TICKS]) ticks += Number(fields[index - 2] ?? 0)
  return ticks
}

function kibibytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1024
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // It ended meanwhile.
  }
}
