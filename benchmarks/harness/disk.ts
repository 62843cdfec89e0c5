import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

const SECTOR_BYTES = 512
const SECTORS_WRITTEN = 6

/**
 * What the disk below a folder has written since the machine was started, for all programs, once
 * nothing waits to be written. What /proc/PID/io says is no measure: where files are cached in
 * large folios, it counts a megabyte for four kilobytes written. 0 where no disk is below.
 */
export function writtenBelow(folder: string): number {
  execFileSync('sync', ['--file-system', folder])
  const { dev } = statSync(folder)
  const major = (dev >>> 8) & 0xfff
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00)
  try {
    return sectorsWritten(readFileSync(`/sys/dev/block/${major}:${minor}/stat`, 'utf8'))
  } catch {
    return 0
  }
}

/** Of a line of a block device's statistics, in bytes. */
export function sectorsWritten(stat: string): number {
  return Number(stat.trim().split(/\s+/)[SECTORS_WRITTEN] ?? 0) * SECTOR_BYTES
}
