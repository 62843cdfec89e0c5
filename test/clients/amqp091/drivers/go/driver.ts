import { join } from 'node:path'
import { buildFolder } from '../../../build.ts'
import { buildGo } from '../../../go.ts'
import { openProcessDriver } from '../../../process-driver.ts'
import { allOperations, type DriverKind, type Operations } from '../../driver.ts'

const program = (): string => join(buildFolder('amqp091-go'), 'driver')

export const goKind: DriverKind = {
  name: 'amqp091-go',
  prepare: () => buildGo(import.meta.dirname, '.', program()),
  open: address => openProcessDriver<Operations>([program()], address, allOperations),
}
