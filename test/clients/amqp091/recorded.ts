import { deepEqual } from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'
import { asSabir } from './differences.ts'
import type { Difference, Notes } from './stage.ts'

/** A scenario, or a whole program. */
type Recordable = { readonly name: string; readonly differs?: Difference }

/** By scenario: what every client saw at RabbitMQ, and by client what it saw otherwise. */
type Recorded = Record<string, { all: Notes; [client: string]: Notes }>

const path = join(import.meta.dirname, 'recorded/rabbitmq-3.10.8.json')
const recorded: Recorded = existsSync(path)
  ? (JSON.parse(readFileSync(path, 'utf8')) as Recorded)
  : {}

/** Compares with what the client saw at RabbitMQ, but for what is meant to differ. */
export function judge(scenario: Recordable, client: string, notes: Notes): void {
  const known = recorded[scenario.name]
  if (known === undefined) throw new Error('it was never recorded: run it with --real --record')
  const expected = asSabir({ ...known.all, ...known[client] })
  deepEqual(notes, { ...expected, ...scenario.differs?.notes(expected) })
}

/** Keeps what a client saw at RabbitMQ, in full for the first one and else what differs. */
export function record(scenario: Recordable, client: string, notes: Notes, isFirst: boolean): void {
  const known = isFirst ? undefined : recorded[scenario.name]
  if (known === undefined) recorded[scenario.name] = { all: notes }
  else {
    const other = Object.entries(notes).filter(
      ([label, value]) => !isDeepStrictEqual(known.all[label], value),
    )
    delete known[client]
    if (other.length > 0) known[client] = Object.fromEntries(other)
  }
}

/** Forgets scenarios that are gone and writes the rest, in the order of the table. */
export function saveRecords(scenarios: readonly Recordable[]): void {
  const kept = scenarios.flatMap(({ name }) => {
    const known = recorded[name]
    return known === undefined ? [] : [[name, known] as const]
  })
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`)
}
