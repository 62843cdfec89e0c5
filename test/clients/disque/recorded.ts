import { deepEqual } from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Notes = Record<string, unknown>

const path = join(import.meta.dirname, 'recorded/disque-1.0-rc1.json')
const recorded: Record<string, Notes> = existsSync(path)
  ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Notes>)
  : {}

/** Compares with what the program saw at Disque. */
export function judge(program: string, notes: Notes): void {
  const known = recorded[program]
  if (known === undefined) throw new Error('it was never recorded: run it with --real --record')
  deepEqual(notes, known)
}

export function record(program: string, notes: Notes): void {
  recorded[program] = notes
  const sorted = Object.entries(recorded).toSorted(([one], [other]) => (one < other ? -1 : 1))
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`)
}
