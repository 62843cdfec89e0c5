import { join } from 'node:path'
import { notesOf } from '../../../amqp091/programs/program.ts'
import { PythonEnvironment } from '../../../python.ts'
import type { Program } from '../../program.ts'

const here = import.meta.dirname
const environment = new PythonEnvironment('disque-python', join(here, 'requirements.txt'))

const script = (name: string, file: string): Program => ({
  name,
  prepare: () => environment.prepare(),
  run: ({ address, note }) =>
    notesOf([environment.program('python'), join(here, file), address], note, {
      PYTHONDONTWRITEBYTECODE: '1',
    }),
})

export const pythonPrograms: readonly Program[] = [
  script('pydisque', 'with_pydisque.py'),
  script('redis-py', 'with_redis_py.py'),
]
