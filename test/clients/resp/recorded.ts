import { deepEqual } from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type Notes = Record<string, unknown>

const path = join(import.meta.dirname, 'recorded/redis-7.0.15.json')
const recorded: Record<string, Notes> = existsSync(path)
  ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Notes>)
  : {}

/** Compares with what the program saw at redis-server. */
export function judge(program: string, notes: Notes): void {
  const known = recorded[program]
  if (known === undefined) throw new Error('it was never recorded: run it with --real --record')
  deepEqual(plain(notes), known)
}

export function record(program: string, notes: Notes): void {
  recorded[program] = plain(notes)
}

/** Forgets programs that are gone and writes the rest, in the order of the table. */
export function saveRecords(programs: readonly { readonly name: string }[]): void {
  const kept = programs.flatMap(({ name }) =>
    recorded[name] === undefined ? [] : [[name, recorded[name]] as const],
  )
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`)
}

/** As it comes back from a file: without what has no JSON. */
const plain = (notes: Notes): Notes => JSON.parse(JSON.stringify(notes)) as Notes
