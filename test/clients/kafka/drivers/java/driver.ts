import { join } from 'node:path'
import { Jars } from '../../../jars.ts'
import { openProcessDriver } from '../../../process-driver.ts'
import { allOperations, type DriverKind } from '../../driver.ts'

const here = import.meta.dirname
const jars = new Jars('java', join(here, 'pom.xml'))

/** The folder with the jars of Kafka's clients, broker and tools. */
export const javaFolder = (): string => jars.folder

export const prepareJars = (): Promise<void> => jars.fetch()

export const javaKind: DriverKind = {
  name: 'java',
  inProcess: false,
  prepare: () =>
    jars.compile(
      ['Driver', 'Members', 'Administration'].map(name => join(here, 'src', `${name}.java`)),
    ),
  open: address => openProcessDriver([...jars.command, 'Driver'], address, allOperations),
}
