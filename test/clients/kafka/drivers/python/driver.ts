import { join } from 'node:path'
import { allOperations, type DriverKind, type Operation } from '../../driver.ts'
import { openProcessDriver } from '../../../process-driver.ts'
import { PythonEnvironment } from '../../../python.ts'

const here = import.meta.dirname
/** The three clients. */
const environment = new PythonEnvironment('python', join(here, 'requirements.txt'))

function pythonKind(name: string, module: string, lacks: readonly Operation[]): DriverKind {
  return {
    name,
    inProcess: false,
    prepare: () => environment.prepare(),
    open: address =>
      openProcessDriver(
        [environment.program('python'), join(here, 'driver.py'), module],
        address,
        allOperations.filter(operation => !lacks.includes(operation)),
      ),
  }
}

export const confluentKind = pythonKind('confluent', 'confluent', ['deleteOffsets', 'logDirs'])
export const kafkaPythonKind = pythonKind('kafka-python', 'kafka_python', ['logDirs'])
export const aiokafkaKind = pythonKind('aiokafka', 'aio', [
  ...(['createPartitions', 'describeConfigs', 'alterConfigs', 'deleteRecords'] as const),
  ...(['describeGroup', 'deleteGroup', 'alterOffsets', 'deleteOffsets'] as const),
  ...(['logDirs', 'cluster'] as const),
])
