import { join } from 'node:path'
import { openProcessDriver } from '../../../process-driver.ts'
import { PythonEnvironment } from '../../../python.ts'
import { allOperations, type DriverKind, type Operations } from '../../driver.ts'

const here = import.meta.dirname

/** The client pika, and Celery for a program of its own. */
export const environment = new PythonEnvironment('amqp091-python', join(here, 'requirements.txt'))

export const pikaKind: DriverKind = {
  name: 'pika',
  prepare: () => environment.prepare(),
  open: address =>
    openProcessDriver<Operations>(
      [environment.program('python'), join(here, 'driver.py')],
      address,
      allOperations,
    ),
}
