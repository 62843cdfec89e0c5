import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isRunning, startedHere, treeOf } from './processes.ts'

const END_MS_MAX = 20_000
const ASK_EVERY_MS = 20

/** What is to be gone when this process is, however it ends. */
const running = new Set<ChildProcess>()
const folders = new Set<string>()

export function newFolder(parent: string, name: string): string {
  const folder = mkdtempSync(join(parent, `bench-${name}-`))
  folders.add(folder)
  return folder
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  folders.delete(folder)
}

/** Starts a program that writes to `log.txt` in its folder, as the leader of a group of its own. */
export function startProgram(
  line: readonly string[],
  env: NodeJS.ProcessEnv | undefined,
  folder: string,
): ChildProcess {
  const [program = '', ...options] = line
  const log = openSync(join(folder, 'log.txt'), 'a')
  const child = spawn(program, options, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...env },
    detached: true,
  })
  closeSync(log) // The program has its own.
  child.once('error', () => {}) // It has no pid then, and whoever waits for it is told so.
  running.add(child)
  return child
}

/** Runs a program to its end. */
export async function runProgram(
  line: readonly string[],
  env: NodeJS.ProcessEnv | undefined,
): Promise<void> {
  const [program = '', ...options] = line
  await promisify(execFile)(program, options, { env: { ...process.env, ...env } })
}

export const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** Ends a program and all that it started; what does not heed the signal in time is killed. */
export async function endProgram(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const pids = child.pid === undefined ? [] : treeOf(child.pid)
  // What a shell started is to hear it as well, and before the shell is gone.
  for (const pid of pids.toReversed()) send(pid, signal)
  const deadline = performance.now() + END_MS_MAX
  while (!hasEnded(child) || pids.some(isRunning)) {
    if (performance.now() > deadline) break
    await sleep(ASK_EVERY_MS)
  }
  killGroup(child, pids)
  running.delete(child)
}

/** Ends whatever is left at once, for a process that is about to end itself. */
export function killEverything(): void {
  const [, ...below] = treeOf(process.pid)
  for (const child of running) killGroup(child, child.pid === undefined ? [] : treeOf(child.pid))
  for (const pid of below) send(pid, 'SIGKILL')
  for (const folder of folders) removeFolder(folder)
}

/** What a load started and left behind when it failed: all that was not there before. */
export function killNew(before: ReadonlySet<number>): void {
  for (const pid of startedHere()) if (!before.has(pid)) send(pid, 'SIGKILL')
}

/** Also those whose parent ended, so that they are no longer in its tree. */
function killGroup(child: ChildProcess, pids: readonly number[]): void {
  for (const pid of pids) send(pid, 'SIGKILL')
  if (child.pid !== undefined) send(-child.pid, 'SIGKILL')
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended meanwhile.
  }
}
