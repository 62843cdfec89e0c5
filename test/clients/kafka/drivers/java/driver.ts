import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { allOperations, type DriverKind } from '../../driver.ts'
import { openProcessDriver } from '../../../process-driver.ts'
import { buildFolder, run } from '../../../build.ts'

const here = import.meta.dirname

/** The folder with the jars of Kafka's clients, broker and tools. */
export const javaFolder = (): string => join(buildFolder('java'), 'jars')

/** Fetches the jars once, and again when the pom has changed. */
export async function prepareJars(): Promise<void> {
  const pom = join(here, 'pom.xml')
  const jars = javaFolder()
  if (existsSync(jars) && statSync(jars).mtimeMs > statSync(pom).mtimeMs) return
  await run('mvn', [
    ...['--quiet', '--batch-mode', '--file', pom, 'dependency:copy-dependencies'],
    ...['-DincludeScope=runtime', `-DoutputDirectory=${jars}`],
  ])
}

export const javaKind: DriverKind = {
  name: 'java',
  inProcess: false,
  prepare: async () => {
    await prepareJars()
    const classes = join(buildFolder('java'), 'classes')
    mkdirSync(classes, { recursive: true })
    const sources = ['Driver', 'Members', 'Administration'].map(name =>
      join(here, 'src', `${name}.java`),
    )
    await run('javac', ['-nowarn', '-cp', `${javaFolder()}/*`, '-d', classes, ...sources])
  },
  open: address =>
    openProcessDriver(
      [
        ...['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m'],
        ...['-cp', `${javaFolder()}/*:${join(buildFolder('java'), 'classes')}`, 'Driver'],
      ],
      address,
      allOperations,
    ),
}
