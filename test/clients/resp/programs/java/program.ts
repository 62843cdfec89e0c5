import { join } from 'node:path'
import { notesOf } from '../../../amqp091/programs/program.ts'
import { Jars } from '../../../jars.ts'
import type { Program } from '../../scenario.ts'

const here = import.meta.dirname
const jars = new Jars('resp-java', join(here, 'pom.xml'))
const versions = ['2', '3']

export const javaPrograms: readonly Program[] = versions.map(version => ({
  name: `jedis, RESP${version}`,
  prepare: () => jars.compile([join(here, 'Program.java')]),
  run: (address, note) => notesOf([...jars.command, 'Program', address, version], note),
}))
