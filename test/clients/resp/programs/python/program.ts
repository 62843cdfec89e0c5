import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { notesOf } from '../../../amqp091/programs/program.ts'
import { PythonEnvironment } from '../../../python.ts'
import type { Program } from '../../scenario.ts'

const here = import.meta.dirname
const environment = new PythonEnvironment('resp-python', join(here, 'requirements.txt'))

/** A script here, which finds the broker's address in its environment. */
function script(name: string, file: string, env: NodeJS.ProcessEnv = {}): Program {
  return {
    name,
    prepare: () => environment.prepare(),
    run: async (address, note) => {
      const folder = mkdtempSync(join(tmpdir(), 'sabir-python-'))
      const log = join(folder, 'worker.log')
      const common = { PYTHONDONTWRITEBYTECODE: '1', C_FORCE_ROOT: '1', WORKER_LOG: log }
      const command = [environment.program('python'), join(here, file)]
      try {
        await notesOf(command, note, { ...common, ...env, BROKER: address })
      } catch (error) {
        throw new Error(`${String(error)}\n${tail(log)}`, { cause: error })
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

function tail(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-3000)
  } catch {
    return '' // It has no worker.
  }
}

const versions = ['2', '3']

export const pythonPrograms: readonly Program[] = [
  ...versions.map(RESP => script(`redis-py, RESP${RESP}`, 'sync_client.py', { RESP })),
  ...versions.map(RESP => script(`redis-py asyncio, RESP${RESP}`, 'async_client.py', { RESP })),
  script('celery', 'with_celery.py'),
  script('rq', 'with_rq.py'),
]
