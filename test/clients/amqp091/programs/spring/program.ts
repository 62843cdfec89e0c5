import { join } from 'node:path'
import { jars } from '../../drivers/java/driver.ts'
import { notesOf, type Program } from '../program.ts'

const sources = ['Application', 'Configuration', 'Listeners', 'Order']

/** RabbitTemplate, RabbitAdmin and listeners with manual acknowledgements, retries and replies. */
export const spring: Program = {
  name: 'spring-amqp',
  prepare: () => jars.compile(sources.map(name => join(import.meta.dirname, `${name}.java`))),
  run: (address, note) => notesOf([...jars.command, 'Application', address], note),
}
