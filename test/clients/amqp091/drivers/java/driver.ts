import { join } from 'node:path'
import { Jars } from '../../../jars.ts'
import { openProcessDriver } from '../../../process-driver.ts'
import { allOperations, type DriverKind, type Operations } from '../../driver.ts'

const here = import.meta.dirname

/** RabbitMQ's own client, and Spring AMQP for a program of its own. */
export const jars = new Jars('amqp091-java', join(here, 'pom.xml'))

export const javaKind: DriverKind = {
  name: 'java',
  prepare: () =>
    jars.compile(
      ['Driver', 'Opened', 'Topology', 'Values'].map(name => join(here, 'src', `${name}.java`)),
    ),
  open: address =>
    openProcessDriver<Operations>([...jars.command, 'Driver'], address, allOperations),
}
