import { join } from 'node:path'
import { allOperations, type DriverKind, type Operation } from '../../driver.ts'
import { openProcessDriver } from '../../../process-driver.ts'
import { buildFolder } from '../../../build.ts'
import { buildGo } from '../../../go.ts'

function goKind(name: string, folder: string, lacks: readonly Operation[] = []): DriverKind {
  const program = join(buildFolder('go'), folder)
  return {
    name,
    inProcess: false,
    prepare: () => buildGo(import.meta.dirname, `./${folder}`, program),
    open: address =>
      openProcessDriver(
        [program],
        address,
        allOperations.filter(operation => !lacks.includes(operation)),
      ),
  }
}

export const franzKind = goKind('franz-go', 'franz')

export const saramaKind = goKind('sarama', 'sarama', ['alterOffsets'])
