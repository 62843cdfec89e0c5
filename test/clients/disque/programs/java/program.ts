import { join } from 'node:path'
import { notesOf } from '../../../amqp091/programs/program.ts'
import { Jars } from '../../../jars.ts'
import type { Program } from '../../program.ts'

const here = import.meta.dirname
const jars = new Jars('disque-java', join(here, 'pom.xml'))

export const spinach: Program = {
  name: 'spinach',
  prepare: () => jars.compile([join(here, 'Program.java')]),
  run: ({ address, note }) => notesOf([...jars.command, 'Program', address], note),
}
