import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { allOperations, type DriverKind, type Operation } from '../../driver.ts'
import { openProcessDriver } from '../../../process-driver.ts'
import { buildFolder, run } from '../../../build.ts'

const here = import.meta.dirname
const python = (): string => join(buildFolder('python'), 'venv/bin/python')
let installing: Promise<void> | null = null

/** A virtual environment with the three clients, made once and again when the list has changed. */
async function install(): Promise<void> {
  const wanted = join(here, 'requirements.txt')
  const installed = join(buildFolder('python'), 'requirements.txt')
  const isFresh = existsSync(installed) && readFileSync(installed).equals(readFileSync(wanted))
  if (isFresh) return
  await run('python3', ['-m', 'venv', join(buildFolder('python'), 'venv')])
  await run(python(), ['-m', 'pip', 'install', '--quiet', '--requirement', wanted])
  copyFileSync(wanted, installed)
}

function pythonKind(name: string, module: string, lacks: readonly Operation[]): DriverKind {
  return {
    name,
    inProcess: false,
    prepare: () => {
      installing ??= install()
      return installing
    },
    open: address =>
      openProcessDriver(
        [python(), join(here, 'driver.py'), module],
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
