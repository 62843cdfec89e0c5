import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Usage } from './side.ts'

const TICKS_PER_SECOND = 100
const CHILD_TICKS = [15, 16]
const OWN_TICKS = [13, 14]

/** Zombies are not: whoever inherits a server's children may be slow to wait for them. */
export function isRunning(pid: number): boolean {
  const state = fieldsOf(read(`/proc/${pid}/stat`))[0]
  return state !== undefined && state !== '' && state !== 'Z' && state !== 'X'
}

/** A process and all that it started, as Linux tells of them in /proc: by the thread that did. */
export function treeOf(pid: number): number[] {
  return [pid, ...threadsOf(pid).flatMap(thread => below(`${pid}/task/${thread}`))]
}

/** All that the running thread started. */
export const startedHere = (): number[] => below('thread-self')

function below(thread: string): number[] {
  const children = read(`/proc/${thread}/children`).trim()
  return children === '' ? [] : children.split(' ').map(Number).flatMap(treeOf)
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return [] // It ended meanwhile.
  }
}

export function usageOf(root: number): Usage {
  const total = { cpuSeconds: 0, residentBytes: 0, peakBytes: 0 }
  for (const pid of treeOf(root)) {
    const status = read(`/proc/${pid}/status`)
    total.cpuSeconds += cpuSecondsIn(read(`/proc/${pid}/stat`))
    total.residentBytes += bytesIn(status, 'VmRSS')
    total.peakBytes += bytesIn(status, 'VmHWM')
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

/** Of all that the machine does, in seconds of one processor since it started. */
export function machineCpuSeconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = read('/proc/stat')
    .slice(0, 200)
    .split('\n', 1)[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND
}

/** Of a line of /proc/PID/stat. Processes that ended count with the one that waited for them. */
export function cpuSecondsIn(stat: string): number {
  const fields = fieldsOf(stat)
  let ticks = 0
  for (const index of [...OWN_TICKS, ...CHILD_TICKS]) ticks += Number(fields[index - 2] ?? 0)
  return ticks / TICKS_PER_SECOND
}

/** Those behind the name, which may hold blanks and brackets. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** The type of the file system that holds a folder. */
export function fileSystemOf(folder: string): string {
  let [best, type] = ['', 'unknown']
  for (const line of read('/proc/mounts').split('\n')) {
    const [, point = '', found = ''] = line.split(' ')
    const below = point === '/' ? '/' : `${point}/`
    if (point.length >= best.length && point !== '' && `${folder}/`.startsWith(below))
      [best, type] = [point, found]
  }
  return type
}

/** A line of /proc/PID/status, in bytes. */
export function bytesIn(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) * 1024
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // It ended meanwhile.
  }
}
