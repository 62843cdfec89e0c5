import { join } from 'node:path'
import { notesOf } from '../../../amqp091/programs/program.ts'
import { buildFolder } from '../../../build.ts'
import { buildGo } from '../../../go.ts'
import type { Program } from '../../scenario.ts'

const binary = (): string => join(buildFolder('resp-go'), 'program')

export const goPrograms: readonly Program[] = ['2', '3'].map(version => ({
  name: `go-redis, RESP${version}`,
  prepare: () => buildGo(import.meta.dirname, '.', binary()),
  run: (address, note) => notesOf([binary(), address, version], note),
}))
